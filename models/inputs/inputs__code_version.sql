-- One row per fact about the code of this build, which models cannot see: the plugin (ai_emissions/warehouse_setup.py)
-- writes them when the build begins.

select
    setting,
    setting_value
from {{ code_version_rows() }}
