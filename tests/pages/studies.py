"""The studies page as tests open it, and studies to be shown on it."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from fer_core.media.video_writer import VideoWriter
from fer_core.studies.catalogue import create_study
from fer_core.studies.settings import choose_settings
from fer_core.studies.store import Study
from fer_core.synthetic.face import demo_frame

ROOT = Path(__file__).resolve().parents[2]
PAGE = str(ROOT / "pages" / "7_Studies.py")


def studies_page(**address: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    return ran(page.run())


def ran(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error, *page.success]
    return "\n".join(str(element.value) for element in shown).replace("\\", "")


def buttons(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def clip(path: Path, frames: int = 4) -> Path:
    with VideoWriter(path, 10) as writer:
        for number in range(frames):
            writer.write(demo_frame(number / 10), number / 10)
    return path


def small_study(home: Path, videos: int = 2) -> Study:
    study = create_study("two films", choose_settings(["tiny"], detector="haar"))
    added = study.add(
        [clip(home / f"p{number}.mp4", 3 + number) for number in range(1, videos + 1)]
    )
    assert not [each.error for each in added if each.error]
    return study
