"""A window that shows a camera or a film, and what is read in it.

In: views, as `video.watch` gives them. Out: a window until `q`, Escape or its closing. Tk, which
comes with Python, draws; a thread of its own reads. Does not know how anything is read.
"""

from __future__ import annotations

import gc
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from inkdigits.annotate import COLOURS
from inkdigits.errors import InkdigitsError
from inkdigits.steady import Sighting
from inkdigits.video import Camera, Film, Pixels, View

#: Milliseconds between two looks at what is new; seconds that a message stays.
TICK, MESSAGE = 15, 3.0
#: The largest part of the screen that a window takes at first, and the smallest size, pixels.
PART, SMALLEST = 0.8, 640
_HELP = "q quits, s saves"
Colour = tuple[int, int, int]


class Reading(threading.Thread):
    """Reads in the background; `view` is the newest. A film does not run ahead of its time."""

    def __init__(self, views: Iterator[View], pace: bool) -> None:
        super().__init__(name="reading", daemon=True)
        self._views, self._pace = views, pace
        self._halt = threading.Event()
        self.view: View | None = None
        self.error: Exception | None = None
        self.over = False

    def run(self) -> None:
        """Read until there is no more, or `stop`."""
        began = time.monotonic()
        try:
            for view in self._views:
                self.view = view
                early = view.frame.seconds - (time.monotonic() - began) if self._pace else 0.0
                if self._halt.wait(max(early, 0.0)):
                    break
        except Exception as error:
            self.error = error
        self.over = True

    def stop(self) -> None:
        """Read no further frame."""
        self._halt.set()


class Window:
    """One window. Make it in the main thread, as Tk demands."""

    def __init__(self, title: str) -> None:
        """Open it, empty.

        Raises:
            InkdigitsError: there is no Tk, or no screen (`no-window`).
        """
        try:
            import tkinter

            from PIL import ImageTk
        except ImportError as error:
            raise _no_window("this Python has no Tk (python3-tk)") from error
        try:
            self._root = tkinter.Tk(className="inkdigits")
        except tkinter.TclError as error:
            raise _no_window("there is no screen") from error
        self._photo_of = ImageTk.PhotoImage
        self._photo: ImageTk.PhotoImage | None = None
        self._root.title(title)
        self._canvas = tkinter.Canvas(self._root, background="#202020", highlightthickness=0)
        # no StringVar, which may only be forgotten in this thread, and is forgotten in any
        self._bar = tkinter.Label(self._root, anchor="w", padx=8, pady=4)
        self._bar.pack(side="bottom", fill="x")
        self._say("Waiting for the first picture")
        self._canvas.pack(fill="both", expand=True)
        self._drawn: object = None
        self._message = ("", 0.0)
        self._sized = False
        self._failure: BaseException | None = None
        self._interrupted = threading.Event()

    def show(
        self,
        source: Film | Camera,
        views: Iterator[View],
        save: Callable[[View], Path],
        *,
        stay: bool = True,
    ) -> None:
        """Show what is read until the window is closed.

        Args:
            source: of the frames; the newest picture of a camera is shown, read or not.
            views: what is read.
            save: keeps a view and tells where.
            stay: whether the window stays open when there is nothing more to read.

        Raises:
            InkdigitsError: reading failed.
            KeyboardInterrupt: Ctrl+C was pressed.
        """
        reading = Reading(views, pace=not source.live)
        # an exception may be raised where Python can only ignore it, as when Tk lets a picture go
        before = signal.getsignal(signal.SIGINT)
        if before is not signal.SIG_IGN:  # as under nohup
            signal.signal(signal.SIGINT, lambda *_: self._interrupted.set())
        for key in ("q", "Q", "<Escape>"):
            self._root.bind(key, lambda _: self._root.quit())
        for key in ("s", "S"):
            self._root.bind(key, lambda _: self._save(reading.view, save))
        self._root.protocol("WM_DELETE_WINDOW", self._root.quit)
        # Tk would print what goes wrong in a callback, and go on
        self._root.report_callback_exception = self._fail
        self._root.focus_force()  # so that its keys work at once
        reading.start()
        # from within the main loop, which forgets that it was told to quit before it began
        self._root.after(0, self._tick, reading, source, stay)
        try:
            self._root.mainloop()
        finally:
            reading.stop()
            source.close()
            reading.join(timeout=10)
            self._root.destroy()
            self._forget()
            signal.signal(signal.SIGINT, before)
        if self._interrupted.is_set():
            raise KeyboardInterrupt
        failure = self._failure or reading.error
        if failure is not None:
            raise failure

    def _forget(self) -> None:
        """Let Tk go here and now: who frees it in another thread than it was made in is aborted.

        It is full of circles, so that the collector would do it, in whichever thread it runs.
        """
        del self._root, self._canvas, self._bar, self._photo, self._photo_of, self._drawn
        gc.collect()

    def _say(self, words: str) -> None:
        self._bar.configure(text=words)

    def _fail(self, _: object, error: BaseException, __: object) -> None:
        self._failure = error
        self._root.quit()

    def _tick(self, reading: Reading, source: Film | Camera, stay: bool) -> None:
        ended = reading.error is not None or (reading.over and not stay)
        if ended or self._interrupted.is_set():
            self._root.quit()
            return
        view = reading.view
        newest = source.newest if isinstance(source, Camera) else None
        frame = newest or (view.frame if view else None)
        size = self._canvas.winfo_width(), self._canvas.winfo_height()
        now = (frame and frame.number, view and view.frame.number, size)
        if frame is not None and now != self._drawn:
            self._drawn = now
            self._draw(frame.pixels, view.sightings if view else ())
        if view is not None:
            self._say(self._status(view, over=reading.over))
        self._root.after(TICK, self._tick, reading, source, stay)

    def _status(self, view: View, *, over: bool) -> str:
        message, until = self._message
        if time.monotonic() < until:
            return message
        count = len(view.sightings)
        numbers = f"{count} number{'s' * (count != 1)}"
        rate = "the end" if over else f"{view.rate:.1f} frames a second"
        return f"{numbers}    {rate}    {_HELP}"

    def _save(self, view: View | None, save: Callable[[View], Path]) -> None:
        if view is None:
            return
        try:
            words = f"Saved {save(view)}"
        except InkdigitsError as error:
            words = str(error)
        self._message = (words, time.monotonic() + MESSAGE)

    def _draw(self, pixels: Pixels, sightings: tuple[Sighting, ...]) -> None:
        height, width = pixels.shape[:2]
        if not self._sized:
            self._fit(width, height)
        across = max(self._canvas.winfo_width(), 1), max(self._canvas.winfo_height(), 1)
        scale = min(across[0] / width, across[1] / height)
        left, top = (across[0] - width * scale) / 2, (across[1] - height * scale) / 2
        shown = max(1, round(width * scale)), max(1, round(height * scale))
        picture = Image.fromarray(pixels).resize(shown, Image.Resampling.BILINEAR)
        self._photo = self._photo_of(picture, master=self._root)  # Tk keeps no reference
        self._canvas.delete("all")
        self._canvas.create_image(left, top, image=self._photo, anchor="nw")
        for sighting in sightings:
            box = sighting.box
            corner = left + box.x * scale, top + box.y * scale
            self._mark(sighting, (*corner, box.width * scale, box.height * scale))

    def _fit(self, width: int, height: int) -> None:
        """Give the window the size of the picture, as far as the screen allows."""
        screen = self._root.winfo_screenwidth(), self._root.winfo_screenheight()
        most = min(PART * screen[0] / width, PART * screen[1] / height)
        scale = min(most, max(1.0, SMALLEST / width))
        self._canvas.configure(width=round(width * scale), height=round(height * scale))
        self._root.update_idletasks()
        self._sized = True

    def _mark(self, sighting: Sighting, place: tuple[float, float, float, float]) -> None:
        """A box and a label: whole where it is accepted, else dashed and with a question mark."""
        x, y, wide, high = place
        pad = 4.0
        colour = next(colour for least, colour, _ in COLOURS if sighting.confidence >= least)
        rect = x - pad, y - pad, x + wide + pad, y + high + pad
        if sighting.accepted and not sighting.missed:
            self._canvas.create_rectangle(*rect, outline="white", width=5)
            self._canvas.create_rectangle(*rect, outline=_hex(colour), width=3)
        else:
            self._canvas.create_rectangle(*rect, outline=_hex(colour), width=4, dash=(12, 9))
        share = min(int(sighting.confidence * 100), 99)
        words = f"{sighting.text}{'' if sighting.accepted else '?'}  {share} %"
        above = y - pad > 30
        label = self._canvas.create_text(
            x,
            y - pad - 6 if above else y + high + pad + 6,
            text=words,
            anchor="sw" if above else "nw",
            fill="black" if sum(colour) > 400 else "white",
            font=("TkDefaultFont", 16, "bold"),
        )
        left, top, right, bottom = self._canvas.bbox(label)
        ground = self._canvas.create_rectangle(
            left - 5, top - 2, right + 5, bottom + 2, fill=_hex(colour), outline="white"
        )
        self._canvas.tag_lower(ground, label)


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _no_window(why: str) -> InkdigitsError:
    return InkdigitsError(
        f"No window can be opened, for {why}: use --json, or the camera of the page "
        "(`inkdigits serve`).",
        code="no-window",
    )
