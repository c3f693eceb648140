"""What each torch call does to the gradients it is given, told from its name."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class Deed(Enum):
    """What a call does, as far as contributions are concerned."""

    NOTHING = auto()
    MAKES = auto()
    """Its results are made of its arguments."""
    CHANGES = auto()
    """Its first argument is made of all of them now."""
    ZEROES = auto()
    REPLACES = auto()
    """Its first argument holds the values of the second."""
    FILLS = auto()
    """Its first argument holds one number everywhere."""
    SAMPLES = auto()
    """Its first argument holds new values that no argument had a part in."""
    SETS_ITEM = auto()
    SETS_GRAD = auto()
    READS_GRAD = auto()
    SETS_DATA = auto()
    CUTS = auto()
    """It hands out the values of its first argument without their graph."""
    HOOKS = auto()
    """It has the gradient of its first argument handed to the script."""
    DRAWS = auto()
    """It draws numbers, each from probabilities that it is given."""
    LAYER = auto()
    """Its results are made of its arguments, parameters among them."""
    RUNS_BACKWARD = auto()
    """It runs hooks of the script, whose calls are to be seen as well."""
    LEAVES = auto()
    """It hands values to what is not torch."""
    SENDS = auto()
    """It hands values to another process or to a file."""


NOTHING = {
    "size", "dim", "numel", "nelement", "stride", "storage_offset", "element_size", "data_ptr",
    "untyped_storage", "storage", "_typed_storage", "is_contiguous", "is_floating_point",
    "is_complex", "is_signed", "is_pinned", "is_shared", "is_set_to", "is_inference", "type",
    "get_device", "ndimension", "__len__", "__repr__", "__str__", "__format__", "__hash__",
    "__bool__", "__index__", "retain_grad", "requires_grad_", "detach_",
    "resize_", "resize_as_", "squeeze_", "unsqueeze_", "transpose_", "t_", "swapaxes_",
    "swapdims_", "as_strided_", "set_", "rename_", "coalesce", "_coalesced_", "is_coalesced",
    "register_post_accumulate_grad_hook", "_amp_update_scale_", "is_same_size",
    "_amp_foreach_non_finite_check_and_unscale_", "_set_grad_enabled", "record_stream",
    "_record_function_enter_new", "_RecordFunction", "dim_order", "names", "_is_view", "layout",
    "has_names", "is_tensor", "is_nonzero", "result_type", "can_cast", "promote_types",
    "get_default_dtype", "device", "sparse_dim", "dense_dim", "_nnz", "_indices", "indices",
    "zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like",
    "randint_like", "new_zeros", "new_ones", "new_empty", "new_full",
}  # fmt: skip
ZEROES = {"zero_", "_foreach_zero_"}
REPLACES = {"copy_", "_foreach_copy_"}
SAMPLES = {
    "normal_", "uniform_", "random_", "bernoulli_", "exponential_", "geometric_", "cauchy_",
    "log_normal_", "trunc_normal_", "kaiming_uniform_", "kaiming_normal_", "xavier_uniform_",
}  # fmt: skip
NUMBERS = {"item", "__float__", "__int__", "__complex__"}
LEAVES = {"numpy", "__array__", "tolist", "__dlpack__", *NUMBERS}
SENDS = {"__reduce_ex__", "share_memory_", "_share_fd_cpu_", "_share_filename_cpu_", "save"}
GRADS = {"grad", "_grad"}
PRODUCTS = {
    "mul", "mul_", "__mul__", "__rmul__", "__imul__", "multiply", "multiply_", "_foreach_mul",
    "_foreach_mul_",
}  # fmt: skip
QUOTIENTS = {
    "div", "div_", "__div__", "__truediv__", "__itruediv__", "true_divide", "true_divide_",
    "divide", "divide_", "_foreach_div", "_foreach_div_",
}  # fmt: skip
SUMS = {
    "add_", "sub_", "__iadd__", "__isub__", "addcmul_", "addcdiv_", "lerp_", "axpy_",
    "_foreach_add_", "_foreach_sub_", "_foreach_lerp_", "_foreach_addcmul_", "_foreach_addcdiv_",
    "index_add_", "scatter_add_", "addmm_", "addr_",
}  # fmt: skip
ADDS = {"add", "add_", "__add__", "__radd__", "__iadd__", "_foreach_add", "_foreach_add_"}
COPIES = {"clone", "cat", "concat", "concatenate", "stack", "hstack"}
SUBTRACTS = {
    "sub", "sub_", "__sub__", "__isub__", "__rsub__", "subtract", "_foreach_sub", "_foreach_sub_",
}  # fmt: skip
LAYERS = {
    "linear", "bilinear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "embedding", "matmul", "__matmul__", "mm", "addmm", "bmm", "lstm", "gru",
}  # fmt: skip
UPDATES = {"sub", "add", "__sub__", "__add__", "__rsub__", "__radd__", "subtract", "addcmul"}
"""How a parameter made anew is written: the old one and a gradient."""
CARRIES = {"clone", "contiguous", "clamp", "clip", "to", "float", "double", "reshape", "tensor"}
"""What may be done to it before it is the parameter."""
REDUCES = {
    "norm", "linalg_vector_norm", "vector_norm", "matrix_norm", "_foreach_norm", "sum", "mean",
    "max", "min", "amax", "amin", "dot", "vdot", "std", "var", "median", "nansum", "_foreach_max",
}  # fmt: skip


def name_of(call: Any) -> str:
    """The call's own name; empty where it has none."""
    name = getattr(call, "__name__", "")
    return name if isinstance(name, str) else ""


def deed_of(call: Any) -> Deed:  # noqa: PLR0911 - a table, read from top to bottom
    """What ``call`` does."""
    name = name_of(call)
    if name in {"__get__", "__set__", "__delete__"}:
        return _attribute(name, getattr(getattr(call, "__self__", None), "__name__", ""))
    if name in {"backward", "grad"}:
        module = getattr(call, "__module__", "")
        return Deed.RUNS_BACKWARD if module in {"torch._tensor", "torch.autograd"} else Deed.MAKES
    if name in NOTHING or name.startswith("is_"):
        return Deed.NOTHING
    for deed, names in (
        (Deed.CUTS, {"detach"}),
        (Deed.HOOKS, {"register_hook"}),
        (Deed.DRAWS, {"multinomial", "bernoulli"}),
        (Deed.LAYER, LAYERS),
        (Deed.ZEROES, ZEROES),
        (Deed.REPLACES, REPLACES),
        (Deed.FILLS, {"fill_"}),
        (Deed.SAMPLES, SAMPLES),
        (Deed.LEAVES, LEAVES),
        (Deed.SENDS, SENDS),
    ):
        if name in names:
            return deed
    if name == "__setitem__":
        return Deed.SETS_ITEM
    if name.endswith("_") and not name.endswith("__"):
        return Deed.CHANGES
    if name in {"__iadd__", "__isub__", "__imul__", "__itruediv__", "__idiv__", "__ipow__"}:
        return Deed.CHANGES
    return Deed.MAKES


def _attribute(name: str, attribute: str) -> Deed:
    if attribute in GRADS:
        return Deed.READS_GRAD if name == "__get__" else Deed.SETS_GRAD
    if attribute == "data":
        return Deed.CUTS if name == "__get__" else Deed.SETS_DATA
    return Deed.NOTHING


def factor_of(name: str, args: tuple[Any, ...]) -> float | None:
    """The plain number that a tensor is multiplied by; None where there is none."""
    if name not in PRODUCTS | QUOTIENTS or len(args) < len(("tensor", "number")):
        return None
    first, second = args[:2]
    number = second if _is_number(second) else first
    if not _is_number(number):
        return None
    if name in PRODUCTS:
        return float(number)
    return 1 / number if number and number is second else None


def subtracts(name: str, values: Iterable[Any]) -> bool:
    """Whether a call takes one tensor from another."""
    return name in SUBTRACTS or (
        name in ADDS and any(_is_number(one) and one < 0 for one in values)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
