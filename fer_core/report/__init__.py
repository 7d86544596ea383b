"""Reports: findings as one HTML file that needs nothing else, to read, print and keep.

Above the charts, which it draws with; the findings themselves come from `fer_core.studies`.
"""

from fer_core.report.study import study_report

__all__ = ["study_report"]
