# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Reading handwritten digits, from data to a working reader
#
# Fifteen steps: look at the data, build a small network, train it, find out how good it is and
# where it fails, and put it to use. Every step calls `inkdigits`, so that what you see here is
# what the finished program does.
#
# You need `pip install 'inkdigits[notebook]'` and MNIST (`inkdigits data fetch` downloads it).

# %% [markdown]
# ## 1. What this is, and is this machine ready?
#
# Two environment variables, set before Jupyter starts, change how this notebook runs:
#
# - `INKDIGITS_FAST=1` trains a tiny network on a small part of the data. That takes seconds
#   and shows that everything works; its results are poor.
# - `INKDIGITS_RUN=folder` says where the training is kept. An unfinished training there goes on
#   from its last epoch; a finished one is used as it is.

# %%
# %matplotlib inline
import os
from dataclasses import asdict, replace
from pathlib import Path

import matplotlib
import numpy as np
from IPython.display import Image

from inkdigits import Recognizer, doctor
from inkdigits.training.noise import hushed

os.environ["KERAS_BACKEND"] = "tensorflow"  # the one that can write every file format
with hushed():
    import keras

FAST = os.environ.get("INKDIGITS_FAST") == "1"
run = Path(os.environ.get("INKDIGITS_RUN") or ("runs/notebook-fast" if FAST else "runs/notebook"))
run.mkdir(parents=True, exist_ok=True)
matplotlib.rcParams["figure.dpi"] = 80
if FAST:
    print("Fast mode: all is small here, and so are the results.")

# %% [markdown]
# The doctor checks everything that reading, training and drawing need. `optional` marks what is
# not there but is not needed either.

# %%
for check in doctor.examine():
    if not check.name.startswith("port"):  # no server is started here
        found = Path(check.detail).name  # of a path, only its end
        print(f"{check.name:24} {check.status:9} {found} {check.advice and '-> ' + check.advice}")

# %% [markdown]
# ## 2. Load the data
#
# MNIST is a set of digits that many people wrote by hand, scanned and brought into one form: 28
# by 28 pixels, bright ink on black, the digit in the middle. The files are checked against known
# checksums while they are read.

# %%
from inkdigits.data import mnist

data = mnist.load()
if FAST:
    data = mnist.Mnist(data.train[:2000], data.validation[:400], data.test[:500])
parts = {"train": data.train, "validation": data.validation, "test": data.test}
for name, part in parts.items():
    print(f"{name:11} {part.images.shape} {part.images.dtype}, labels {part.truth.dtype}")

# %% [markdown]
# ## 3. How many of each digit?
#
# If one digit were much rarer than the others, a network could ignore it and still look good.
# So count first. All parts should have the same mix.

# %%
from inkdigits.data import pictures

counts = {name: part.counts().tolist() for name, part in parts.items()}
print("digit", *(f"{name:>11}" for name in counts), f"{'all':>11}")
for digit, row in enumerate(zip(*counts.values(), strict=True)):
    print(f"{digit:5}", *(f"{count:11,}" for count in row), f"{sum(row):11,}")
print("sum  ", *(f"{sum(column):11,}" for column in counts.values()))
pictures.bars(counts, "Images of each digit")

# %% [markdown]
# ## 4. What do they look like?
#
# A row for each digit, taken from the training part. Look for what will be hard: open and closed
# fours, sevens with and without a bar, ones that lean.

# %%
rows = [(str(d), data.train.images[data.train.truth == d][:12]) for d in range(10)]
pictures.samples(rows, "Digits to learn from")

# %% [markdown]
# ## 5. Prepare: scale, and split in three
#
# **Scale.** A pixel is a whole number from 0 to 255. The network gets the same number divided by
# 255, from 0 to 1: small numbers keep the first steps of training stable. One more axis of
# length one says that the picture has a single channel, grey.
#
# **Split.** `mnist.load()` has already divided the original training images in two. The network
# learns from the larger part. The *validation* part is for decisions: which epoch to keep, when
# to stop, how sure is sure enough. The *test* part is opened once, in step 11. Had we decided
# anything by it, its result would be too good to believe.
#
# The split is the same on every machine (it has a fixed seed) and keeps the mix of digits.

# %%
from inkdigits.training.exports.agreement import pixels

x = pixels(data.train.images[:1])
first = data.train.images[0]
print(f"before: {first.dtype}, {first.min()} to {first.max()}")
print(f"after:  {x.dtype}, {x.min():g} to {x.max():g}, shape {x.shape}")
print(" / ".join(f"{name} {len(part):,}" for name, part in parts.items()))

# %% [markdown]
# ## 6. More data for nothing: augmentation
#
# A slightly turned seven is still a seven. While the network trains, every image is turned,
# moved, stretched and slanted a little, differently in each epoch, so it never sees quite the
# same image twice and cannot learn images by heart. Validation and test images stay as they are.
#
# The first row below is MNIST; each further row is the same digits, distorted by chance within
# the printed ranges (degrees, and parts of the side). The recipe in step 8 may choose others.

# %%
from inkdigits.training.augment import RandomDistortion, Ranges

distort = RandomDistortion(Ranges(), seed=1)
originals = np.concatenate([images[:1] for _, images in rows])
distorted = [np.asarray(distort(pixels(originals), training=True))[..., 0] for _ in range(4)]
print(asdict(Ranges()))
pictures.sheet([originals / 255, *distorted])

# %% [markdown]
# ## 7. The network
#
# `classic` is a convolutional network. A *convolution* slides small windows over the image and
# learns what to look for in them: edges at first, then corners and arcs, then parts of digits.
# *Pooling* halves the image, so that later windows see more of it. *Batch normalisation* keeps
# the numbers in between at one scale; *dropout* switches some of them off while training, so
# that none of them becomes indispensable. The last layer gives ten probabilities that sum to 1.

# %%
from inkdigits.training import drawing, networks

drawing.summarise(networks.build("classic"), run)
print((run / "model_summary.txt").read_text(encoding="utf-8"))

# %%
Image(filename=run / "architecture.png", width=640)

# %% [markdown]
# ## 8. The recipe
#
# All that decides how a training goes is one value, and it is written into the run's folder, so
# that nobody has to guess later how a network was made. The *learning rate* says how far one step
# goes: it rises during the first epoch, then falls slowly to nothing. *Patience* is how many
# epochs may pass without a better validation accuracy before training stops.
#
# A folder that already holds a run has its recipe in it, and that is the one shown here.

# %%
from inkdigits.training import recipe as recipes
from inkdigits.training.recipe import Recipe

started = (run / "config.json").is_file()
if started:
    recipe = recipes.read(run)
elif FAST:
    recipe = Recipe(network="nano", epochs=2, batch_size=10, augment=False)
else:
    recipe = Recipe(network="classic")
for name, value in asdict(recipe).items():
    print(f"{name:16} {value}")

# %% [markdown]
# ## 9. Train
#
# After each epoch the network is tried on the validation part, the best one so far is kept, and a
# checkpoint is written. Interrupt it whenever you like: run this cell again and it goes on.
# A full training takes a while on a processor; a finished one is only read from its folder.

# %%
from inkdigits.training.fit import train
from inkdigits.training.log import TrainingLog

best_file = train(recipe, data, run, resume=(run / "config.json").is_file())
log = TrainingLog(run)
best = log.rows[len(log.rows) - 1 - log.waited()]
print(f"{best_file.name}: best epoch {best['epoch']} of {len(log.rows)},")
print(f"validation accuracy {best['val_accuracy']:.2%}, loss {best['val_loss']:.4f}")

# %% [markdown]
# ## 10. The learning curves
#
# The training curve is measured *during* an epoch, on distorted images and with dropout on. The
# validation curve is measured *after* it, on plain images and without. So validation may well
# look better than training; that is no mistake. What to watch for is validation getting worse
# while training still gets better: then the network has begun to learn by heart.

# %%
Image(filename=run / "learning_curve.png", width=800)

# %% [markdown]
# ## 11. How good is it?
#
# First, one more decision, made on the validation part: a *temperature* that makes the network's
# confidence honest, and a threshold below which it says "unsure" (step 12). Then the test part is
# read, once.
#
# An accuracy from a limited number of images is never exact. The interval (Wilson's, 95 %) says
# which true accuracies fit what was seen. *Precision*: of the images read as this digit, how many
# are. *Recall*: of the images of this digit, how many were found. *F1* is one number for both.

# %%
from inkdigits.evaluation import gallery, plots
from inkdigits.evaluation.report import evaluate_mnist
from inkdigits.training import formats
from inkdigits.training.calibrate import calibrate

model = formats.load(best_file)
chosen = calibrate(model.logits(pixels(data.validation.images)), data.validation.truth)
settings = {name: getattr(chosen, name) for name in ("temperature", "accept_threshold")}
model = replace(model, info=replace(model.info, **settings))
report = evaluate_mnist(model, data.test)

low, high = report.interval
print(f"{report.set}: {report.shown - report.errors:,} of {report.shown:,} read rightly")
print(f"accuracy {report.accuracy:.2%}, 95 % interval {low:.2%} to {high:.2%}\n")
print("digit    precision  recall      F1  images")
averages = {"macro": report.macro, "weighted": report.weighted}
for name, score in {**dict(enumerate(report.digits)), **averages}.items():
    shares = f"{score.precision:8.2%} {score.recall:8.2%} {score.f1:8.2%}"
    print(f"{name!s:9} {shares} {score.support:7,}")

# %% [markdown]
# The table of confusions: the true digit on the left, the digit read below. A perfect reader
# would have numbers on the diagonal only.

# %%
plots.draw_confusion(np.array(report.confusion), f"{report.set}, {report.accuracy:.2%} right")

# %% [markdown]
# ## 12. What it gets wrong, and does it know?
#
# Here are its mistakes, the surest first. Some are hard for people too; a star marks labels that
# people who looked at them rejected.

# %%
gallery.draw_mistakes(report.mistakes[:20], f"{report.errors} mistakes, the surest 20 at most")

# %% [markdown]
# A confidence of 90 % should mean: right nine times out of ten. The diagram compares the two; a
# dot on the diagonal is honest. *ECE* is the mean distance from the diagonal, 0 at best. The
# temperature changes how sure the network is, never which digit it reads.
#
# Honest confidence is useful: the reader can hand the unsure digits to a person, and the ones it
# accepts are then more often right than the whole.

# %%
print(f"temperature {report.temperature:g}: ECE {report.raw_ece:.4f} -> {report.ece:.4f}")
print(f"accepted {report.accepted:.2%}, of which {report.accepted_accuracy:.2%} are right")
plots.draw_reliability(report.reliability, "Is it as sure as it is right?")

# %% [markdown]
# ## 13. Your own picture: why normalisation decides
#
# Your photo does not look like MNIST. The digit is dark on light, small or large, in a corner, by
# a thin or a thick pen. The habit of shrinking the whole picture to 28 by 28 and inverting it
# gives the network something it has never seen.
#
# `Recognizer.classify` finds the ink, cuts the digit out, scales it and puts its centre of mass
# in the middle, as the makers of MNIST did. Below, three digits are drawn again and again
# at any size and place, with any pen; both ways then get the same pictures and the same network.

# %%
import cv2

from inkdigits.evaluation import presenter

DRAWN = {  # how a pen might draw a 2, a 4 and a 7: strokes of (x, y) points, y down
    2: [[(0, 3), (1, 1), (3, 0), (5, 1), (6, 3), (5, 5), (0, 10), (6, 10)]],
    4: [[(4, 0), (0, 6), (6, 6)], [(4, 3), (4, 10)]],
    7: [[(0, 0), (6, 0), (2, 10)]],
}
rng = np.random.default_rng(7)
truth = np.repeat(list(DRAWN), 10 if FAST else 50)
sheets = [presenter.drawn([np.array(s, float) for s in DRAWN[d]], rng) for d in truth.tolist()]

recognizer = Recognizer(model)
shrunk = [cv2.resize(sheet, (28, 28), interpolation=cv2.INTER_AREA) for sheet in sheets]
inverted = np.clip(1 - np.stack(shrunk), 0, 1)
answers = [recognizer.classify(sheet) for sheet in sheets]
ways = {
    "shrunk and inverted": recognizer.predict(inverted),
    "found and normalised": np.array([answer.digit for answer in answers]),
}
for way, digits in ways.items():
    print(f"{way:20} {(digits == truth).mean():4.0%} of {len(truth)} read rightly")

# %% [markdown]
# What was drawn, what plain shrinking makes of it, and what `classify` shows the network:

# %%
some = np.arange(0, len(truth), len(truth) // 10)[:10]
large = [cv2.resize(sheets[i], (84, 84), interpolation=cv2.INTER_AREA) for i in some]
seen = np.stack([answers[i].seen for i in some])
pictures.sheet([0.9 * np.stack(large), inverted[some], seen / 255])

# %% [markdown]
# ## 14. Export to every format, and load it back
#
# One trained network, a file for every place it may be used: Keras, Keras's older HDF5, weights
# alone, TensorFlow's SavedModel for servers, TFLite for phones, ONNX for everything else. Each file
# is loaded again and compared with the original before any of them is kept.

# %%
from inkdigits.training.exports.export import export
from inkdigits.training.exports.targets import FORMATS, Target

exports = run / "export"
made = export(best_file, [Target(kind) for kind in FORMATS], exports, data=data)
for artefact in made.artefacts:
    alike, apart = artefact.agreement.labels_agree, artefact.agreement.max_difference
    print(
        f"{artefact.path.name:36} {artefact.bytes:9,} bytes, {alike:.0%} alike, off by {apart:.0e}"
    )

# %% [markdown]
# The Keras file is a plain one: it loads wherever Keras is, without `inkdigits`, and gives
# probabilities.

# %%
reloaded = keras.models.load_model(exports / "mnist_digit_classifier.keras")
image_array = pixels(data.validation.images[:1])  # (1, 28, 28, 1), from 0 to 1
prediction = reloaded.predict(image_array, verbose=0)
print(f"digit {np.argmax(prediction)}, confidence {np.max(prediction):.3f}")
print(f"the label says {data.validation.truth[0]}")

# %% [markdown]
# The same digit by the other files. Weights have to be poured into the network they are of.

# %%
poured = networks.build(recipe.network)
poured.load_weights(exports / "mnist_weights.weights.h5")
print(f"{'mnist_weights.weights.h5':36} {poured.predict(image_array, verbose=0).argmax()}")
for artefact in made.artefacts:
    if artefact.target.format != "weights":
        digits = Recognizer(formats.load(artefact.path)).predict(image_array)
        print(f"{artefact.path.name:36} {digits[0]}")

# %% [markdown]
# ## 15. A Kaggle submission, and where to go next
#
# Kaggle's *Digit Recognizer* gives a `test.csv` without labels and wants one digit for each row
# back. With that file in hand, one command does it (put the exported `.onnx` for the model):
#
#     inkdigits predict-csv test.csv -o submission.csv --model classic.onnx
#
# Here the validation images stand in for `test.csv`, to show what comes out.

# %%
from inkdigits.data.submission import submission

reader = Recognizer.load(exports / f"{recipe.network}.onnx")
text = submission(reader.predict(data.validation.images))
(run / "submission.csv").write_text(text, encoding="utf-8")
print(*text.splitlines()[:6], "...", sep="\n")

# %% [markdown]
# Where to go next:
#
# - `inkdigits serve` starts a page to draw on, and an HTTP interface.
# - `inkdigits classify photo.png` reads a picture from the command line.
# - `inkdigits evaluate classic.onnx` measures a model on spoilt digits and on handwriting that is
#   not MNIST: a harder and more honest examination than step 11.
# - `inkdigits train vit` trains a small transformer in place of `classic`; `nano` is a
#   network for the smallest machines.
# - `docs/architecture.md` shows how the program is laid out, `docs/experiments.md` what was tried.
