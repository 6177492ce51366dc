"""The kernel of word2vec as object code, for processors of every kind."""

import llvmlite.binding as llvm
import pytest

from elman.emit.target import TARGETS
from elman.emit.word2vec import emit_word2vec
from elman.run.library import compile_object
from tests.emit.objects import symbols


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("draws", [False, True])
def test_it_stands_on_its_own(name, draws):
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = TARGETS[name]
    try:
        of_kind = llvm.Target.from_triple(target.triple)
    except RuntimeError:
        pytest.skip(f"this llvmlite compiles nothing for {target.name}")
    machine = of_kind.create_target_machine(cpu=target.cpu, opt=3, reloc="pic")
    text = emit_word2vec(target, 3 * target.lanes("float"), cbow=True, draws=draws)
    defined, outside = symbols(compile_object(text, machine))
    assert defined >= {"elman_worker", "elman_run"}
    assert not outside
