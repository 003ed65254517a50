{#
  Which rows of a model a test has to read: all of them after a full build; after an incremental one, of a model with the tag
  `by_day`, those of the days or patients that the build wrote anew, for the others were tested when they were
  written. The days are no `ref`: a test would have two parents, and run where only one of them was built.
#}
{% macro written_anew(model) -%}
    {%- if execute and not should_full_refresh() and model is not string -%}
        {%- set days = api.Relation.create(
            database=target.database, schema='intermediate', identifier='int_days__renewed'
        ) -%}
        {%- for node in graph.nodes.values()
            if node.name == model.identifier and node.resource_type == 'model' and 'by_day' in node.config.tags -%}
            {%- for key in ['day_key', 'patient_key'] if key in node.columns -%}
                {%- if loop.first -%}{{ key }} in (select {{ key }} from {{ days }}){%- endif -%}
            {%- else -%}
            true
            {%- endfor -%}
        {%- else -%}
        true
        {%- endfor -%}
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}
