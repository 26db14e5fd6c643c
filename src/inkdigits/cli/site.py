"""`inkdigits site`: the page as a folder of files, for any host.

In: a folder. Out: the page in it, which reads digits in the browser.
"""

from __future__ import annotations

from pathlib import Path

import click


@click.command("site")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Write the page into FOLDER, for any host of files.

    It reads drawn digits and numbers in the browser, by the same models, and needs no server; it
    may lie under any path, and is kept by the browser after one visit. Look at it with
    `python -m http.server --directory FOLDER`.
    """
    from inkdigits.service import webapp

    written = webapp.write_site(folder)
    size = sum(path.stat().st_size for path in written)
    click.echo(f"Wrote {len(written)} files, {size / 1e6:.1f} MB, into {folder}.")
