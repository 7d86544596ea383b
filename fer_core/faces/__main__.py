"""`python -m fer_core.faces`: fetches YuNet's weights ahead, as part of a set-up.

Never an error: without them OpenCV's Haar cascade finds the faces, and the dashboard tries again.
"""

from fer_core.errors import DetectorError
from fer_core.faces.weights import cache_folder, fetch_yunet, yunet_weights


def main() -> None:
    """Fetch the weights where they are not here yet; says what it does and how it ended."""
    if yunet_weights() is not None:
        return
    print(f"Fetching the face detector YuNet (0.2 MB) into {cache_folder()} ...", flush=True)
    try:
        fetch_yunet()
    except DetectorError as error:
        print(f"{error} Until then OpenCV's Haar cascade finds the faces.")


if __name__ == "__main__":
    main()
