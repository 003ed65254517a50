-- Distinct patients of each month, for all opportunity tables in one pass.
{{ patients_by(ref('int_opportunity__people'), [
    ['product_id', 'npi', 'unit_id', 'service_month'],
    ['product_id', 'account_id', 'service_month'],
    ['product_id', 'unit_id', 'service_month']
]) }}
