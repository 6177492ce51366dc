"""Small models with fresh weights."""

import pytest
import torch

from elman.data.vocabulary import Vocabulary
from elman.tasks.language.config import LanguageConfig
from elman.tasks.language.model import LanguageModel
from elman.tasks.names.config import NamesConfig
from elman.tasks.names.model import NamesModel

SMALL = {"hidden_size": 12, "layers": 2, "embedding_size": 5}


@pytest.fixture
def language_model():
    torch.manual_seed(0)
    return LanguageModel(LanguageConfig(**SMALL), Vocabulary.of("abcdefgh \n")).eval()


@pytest.fixture
def names_model():
    torch.manual_seed(0)
    return NamesModel(NamesConfig(**SMALL), Vocabulary.of("abcdefgh")).eval()
