{# Every row satisfies a condition; a row where it is null does not. #}
{% test holds(model, condition) %}
select *
from {{ model }}
where not coalesce({{ condition }}, false) and {{ written_anew(model) }}
{% endtest %}
