-- One row per setting of the build that decides figures.

select
    setting,
    setting_value
from method_settings
order by setting
