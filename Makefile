PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Some machines switch bytecode off; TensorFlow then takes three times as long to import.
export PYTHONDONTWRITEBYTECODE =
# TensorFlow's start-up messages would be the first thing that a learner sees.
export TF_CPP_MIN_LOG_LEVEL = 3
export TF_ENABLE_ONEDNN_OPTS = 0

.PHONY: lab work update test build site grade-demo lock

lab: .venv/installed  ## open your copy of the course in JupyterLab; ARGS goes to Jupyter
	-autograder update
	jupyter lab --LabApp.default_url=/lab/tree/work/start.ipynb $(ARGS)

work: .venv/installed  ## bring your copy of the course, work/, up to date
	autograder update

# The second make reads what the pull has changed: this file, and what is to be installed.
update:  ## get the newest course and its environment, and take your work over
	git pull --ff-only
	$(MAKE) work

test: .venv/installed  ## run every test
	ruff check .
	ruff format --check .
	codespell
	pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

build: .venv/installed  ## chapters -> classroom/source -> course
	autograder build

site: .venv/installed  ## the course as a website, in website/build/html
	python -m website

CHAPTER ?= 05_attention
grade-demo: .venv/installed  ## make a small class for CHAPTER and grade it
	autograder demo $(CHAPTER)

lock:  ## choose versions anew for every dependency
	uv pip compile pyproject.toml --group dev --all-extras --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --upgrade -o requirements.lock

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet uv==0.13.9
	uv pip sync --quiet --compile-bytecode --require-hashes requirements.lock
	uv pip install --quiet --no-deps --compile-bytecode --editable .
	touch $@
