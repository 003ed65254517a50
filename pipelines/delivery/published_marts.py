"""Which marts are published: the one list for reading, publishing and the asset graph. Imports nothing."""

MART_SCHEMA = "reporting"
PUBLISHED_MARTS = (
    "mart_account_opportunity",
    "mart_capture_rate",
    "mart_code_quarantine",
    "mart_code_set_change",
    "mart_completeness",
    "mart_completion_backtest",
    "mart_completion_factor",
    "mart_data_through",
    "mart_geography_opportunity",
    "mart_indication_link",
    "mart_plan",
    "mart_plan_change",
    "mart_plan_staleness",
    "mart_provider_opportunity",
    "mart_quota_line",
    "mart_refresh_reconciliation",
    "mart_restatement",
    "mart_review_flag",
    "mart_source_overlap",
    "mart_target_specialty",
    "mart_territory_drift",
    "mart_territory_quota",
    "mart_territory_scorecard",
    "mart_unit_assignment",
)
