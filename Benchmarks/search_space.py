"""What a search varies: the values that a setting may have, how a trial draws them, and where they are."""

import copy
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NUMBER = r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?"
RANGE = re.compile(rf"({NUMBER}) to ({NUMBER})(, log)?")


class SpaceError(Exception):
    """What is wrong in a file that describes a space."""


def number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"[-+]?[0-9]+", text) else float(text)


@dataclass(frozen=True)
class Range:
    """Numbers between two ends, which belong to it; whole ones if the ends are."""

    low: int | float
    high: int | float
    log: bool

    def __contains__(self, value: Any) -> bool:
        kind = int if isinstance(self.low, int) else (int, float)
        return isinstance(value, kind) and not isinstance(value, bool) and self.low <= value <= self.high

    def draw(self, trial: Any, name: str) -> int | float:
        if isinstance(self.low, int):
            return trial.suggest_int(name, self.low, self.high, log=self.log)
        # Four digits are enough, and make a preset that can be read.
        return float(f"{trial.suggest_float(name, self.low, self.high, log=self.log):.4g}")

    def stored(self, value: Any) -> Any:
        """The value in Optuna's storage."""
        return value


@dataclass(frozen=True)
class Choices:
    """Values of any kind. Optuna stores texts but no lists, so all are stored as JSON."""

    values: list

    def __contains__(self, value: Any) -> bool:
        return value in self.values

    def draw(self, trial: Any, name: str) -> Any:
        return json.loads(trial.suggest_categorical(name, [json.dumps(each) for each in self.values]))

    def stored(self, value: Any) -> str:
        # The base may have a mapping's keys in another order, or 3 for 3.0.
        return json.dumps(self.values[self.values.index(value)])


def described(name: str, text: Any) -> Range | Choices:
    """The values that a line of the file describes."""
    if isinstance(text, list) and text:
        # YAML's older readers take 1e-3 for a text.
        return Choices([float(each) if isinstance(each, str) and re.fullmatch(NUMBER, each) else each
                        for each in text])
    match = RANGE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise SpaceError(
            f"{name} is {text!r}; allowed: LOWEST to HIGHEST, the same with ', log', or [VALUE, …]")
    low, high = number(match[1]), number(match[2])
    if type(low) is not type(high):
        low, high = float(low), float(high)
    if not low < high or match[3] and low <= 0:
        raise SpaceError(f"{name} is {text!r}; allowed: a lower end first, and with log only ends above 0")
    return Range(low, high, match[3] is not None)


@dataclass(frozen=True)
class Space:
    """The settings that a search varies, and the evaluation of its runs."""

    values: dict[str, Range | Choices]
    evaluation: dict
    text: dict

    @classmethod
    def read(cls, path: Path) -> "Space":
        import yaml
        try:
            tree = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise SpaceError(" ".join(str(error).split())) from error
        if not isinstance(tree, dict) or not isinstance(tree.get("space"), dict) or not tree["space"]:
            raise SpaceError("allowed: a mapping with 'space', which maps names of settings to values")
        if set(tree) - {"space", "evaluation"}:
            raise SpaceError(f"{', '.join(sorted(set(tree) - {'space', 'evaluation'}))}; "
                             "allowed: 'space' and 'evaluation'")
        return cls({name: described(name, text) for name, text in tree["space"].items()},
                   tree.get("evaluation") or {}, tree["space"])

    def of(self, settings: dict) -> dict[str, Any]:
        """The values that settings have."""
        return {name: look_up(settings, name) for name in self.values}

    def stored(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self.values[name].stored(value) for name, value in values.items()}


def look_up(settings: dict, name: str) -> Any:
    """A setting's value; None if the settings do not have it."""
    for key in name.split("."):
        settings = settings.get(key) if isinstance(settings, dict) else None
    return settings


def replaced(settings: dict, values: dict[str, Any]) -> dict:
    """The settings with other values; None leaves a setting out."""
    result = copy.deepcopy(settings)
    for name, value in values.items():
        *sections, key = name.split(".")
        section = result
        for each in sections:
            if not isinstance(section.get(each), dict):
                section[each] = {}
            section = section[each]
        if value is None:
            section.pop(key, None)
        else:
            section[key] = value
    return result


def differing(hyperparameters: dict, defaults: dict) -> dict:
    """The settings that differ from the defaults, each with its whole value, in their sections."""
    result = {}
    for section, values in hyperparameters.items():
        standard = defaults.get(section)
        if isinstance(values, dict) and isinstance(standard, dict):
            values = {name: value for name, value in values.items() if value != standard.get(name)}
            if values:
                result[section] = values
        elif values != standard:
            result[section] = values
    return result
