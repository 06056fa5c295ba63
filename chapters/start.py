# %% [markdown]
# # From Tensors to Memory
#
# You start with a single number and end with a machine that learns to remember, and every part of
# it is written by you. Click into the next cell and press Shift+Enter: it shows how far you are and
# what comes next. Run it again whenever you come back to this page.

# %%
from lab import progress

progress.show()

# %% [markdown]
# ## How the course works
#
# - Each chapter is a notebook; begin with [Tensors](01_tensors/01_tensors.ipynb) and take them in
#   order. Each takes two to four hours, with a break.
# - You read, predict, write a function, and `check(...)` tells you at once what is right and which
#   thought may have gone wrong. Check as often as you like: the best of your checks counts.
# - Chapters lean on those before them; the fourth and the seventh use what you wrote in the third
#   and the sixth.

# %% [markdown]
# ## Where your work is
#
# - Your work is the notebooks beside this page. Save them with Ctrl+S. On Binder they are gone when
#   you leave: download them first, and `progress.csv` with them.
# - Your progress is the file `progress.csv` beside this page, one line for each check. It stays
#   where it is: nothing is sent to anyone. To begin again, delete it.
# - In a class on a server, you fetch chapters and hand them in by the menu: Nbgrader, Assignment
#   List.
# - If the course is on your own computer: for a new version, close your notebooks and run
#   `make update` in a terminal, in the folder of the course. Your answers move into the new
#   notebooks, and what you had stays beside them, with the date in its name.
