"""Cells that are not well formed, the equation to blame marked `here`, and the message that each deserves."""

CASES = {
    "two sizes meet": (
        """
        @cell
        def broken(x, h, *, W):
            a = W @ x + h
            return a + x  # here
        """,
        "add of the result of add in line 12 (B×H) and x (B×I) does not fit: sizes H and I differ",
    ),
    "product with a value of another size": (
        """
        @cell
        def broken(x, h, *, W):
            a = tanh(W @ x)
            return a + W @ h  # here
        """,
        "matmul of W (H×I) and h (B×H) does not fit: sizes I and H differ",
    ),
    "a state changes its size": (
        """
        @cell(states="h c:P")
        def broken(x, h, c, *, W, U):
            h = tanh(W @ x + h)
            return h, U.f @ c + U.g @ h + h  # here
        """,
        "the state c after the step must be B×P, here it is B×H: sizes H and P differ",
    ),
    "a matrix used as a value": (
        """
        @cell
        def broken(x, h, *, W):
            a = W @ x
            return tanh(a + W * h)  # here
        """,
        "W is a vector here, but a matrix in line 12",
    ),
    "a vector used as a matrix": (
        """
        @cell
        def broken(x, h, *, W, u):
            a = W @ x + u * h
            return tanh(u @ a)  # here
        """,
        "u is a matrix here, but a vector in line 12",
    ),
    "a value on the left of a product": (
        """
        @cell
        def broken(x, h, *, W):
            return tanh(x @ W + h)  # here
        """,
        "the left side of @ must be a weight, such as W.f @ x",
    ),
    "a weight times a weight": (
        """
        @cell
        def broken(x, h, *, W, b):
            return tanh(W @ b + x + h)  # here
        """,
        "matmul of W (H×H) and b (H) does not fit: the operand must depend on the input or a state",
    ),
    "if": (
        """
        @cell
        def broken(x, h, *, W):
            a = W @ x
            if a > h:  # here
                a = h
            return a
        """,
        "the equations of a cell cannot branch on a value: use where(condition, a, b), maximum or minimum",
    ),
    "and": (
        """
        @cell
        def broken(x, h, *, W):
            return h and W @ x  # here
        """,
        "the equations of a cell cannot branch on a value",
    ),
    "max": (
        """
        @cell
        def broken(x, h, *, W):
            return max(W @ x, h)  # here
        """,
        "the equations of a cell cannot branch on a value",
    ),
    "for": (
        """
        @cell
        def broken(x, h, *, W):
            for unit in h:  # here
                pass
            return W @ x
        """,
        "a value is a vector of all its units: it cannot be unpacked or iterated over",
    ),
    "len": (
        """
        @cell
        def broken(x, h, *, W):
            return W @ x + h / len(h)  # here
        """,
        "the length of a value is not known while the cell is traced",
    ),
    "index": (
        """
        @cell
        def broken(x, h, *, W):
            a = W @ x + h
            return a[0]  # here
        """,
        "a value cannot be indexed: give each gate weights of its own (W.f, W.i)",
    ),
    "equality": (
        """
        @cell
        def broken(x, h, *, W):
            return where(h == 0, W @ x, h)  # here
        """,
        "values cannot be asked for equality: compare them with >, <, >= or <=",
    ),
    "an unused state": (
        """
        @cell(states="h c")
        def broken(x, h, c, *, W):  # here
            return W @ x + h, W @ x
        """,
        "the state c of broken is never used",
    ),
    "an unused input": (
        """
        @cell
        def broken(x, h, *, U):  # here
            return U @ h
        """,
        "the input x of broken is never used",
    ),
    "an unused mask": (
        """
        @cell(zoneout="z")
        def broken(x, h, z, *, W):  # here
            return W @ x + h
        """,
        "the mask z of broken is never used",
    ),
    "unused weights": (
        """
        @cell
        def broken(x, h, *, W, b):  # here
            return W @ x + h
        """,
        "the weights b of broken are never used",
    ),
    "a state not returned": (
        """
        @cell(states="h c")
        def broken(x, h, c, *, W):  # here
            return W @ x + h + c
        """,
        "the state c is not returned: broken must return h, c after the step, in this order",
    ),
    "too much returned": (
        """
        @cell
        def broken(x, h, *, W):  # here
            a = W @ x + h
            return a, a, a
        """,
        "more is returned than the output and the states: broken must return h after the step, in this order",
    ),
    "a number returned": (
        """
        @cell
        def broken(x, h, *, W):  # here
            return 1.0
        """,
        "broken must return values of the step, not 1.0",
    ),
    "nothing returned": (
        """
        @cell
        def broken(x, h, *, W):  # here
            tanh(W @ x + h)
        """,
        "broken must return values of the step, not None",
    ),
    "a weight returned": (
        """
        @cell
        def broken(x, h, *, W, b):  # here
            return W @ x + h, b
        """,
        "the state h after the step must be B×H, here it is H: it does not depend on the input or a state",
    ),
    "a function of numpy": (
        """
        @cell
        def broken(x, h, *, W):
            return np.tanh(W @ x + h)  # here
        """,
        "unknown operation numpy.tanh: elman has sigmoid, tanh",
    ),
    "a function of torch": (
        """
        @cell
        def broken(x, h, *, W):
            return torch.tanh(W @ x + h)  # here
        """,
        "unknown operation torch.tanh: elman has sigmoid, tanh",
    ),
    "a function of math": (
        """
        @cell
        def broken(x, h, *, W):
            return math.tanh(W @ x + h)  # here
        """,
        "a value is not a number while the cell is traced",
    ),
    "a method": (
        """
        @cell
        def broken(x, h, *, W):
            a = W @ x + h
            return a.tanh()  # here
        """,
        "unknown operation .tanh: elman has sigmoid, tanh",
    ),
    "an operator": (
        """
        @cell
        def broken(x, h, *, W):
            a = W @ x + h
            return a // 2  # here
        """,
        "the equations of broken do not run: unsupported operand type(s) for //",
    ),
    "an array": (
        """
        @cell
        def broken(x, h, *, W):
            return np.ones(3) * h + W @ x  # here
        """,
        "mul takes values of the step, weights and numbers, not numpy.ndarray",
    ),
    "a tensor": (
        """
        @cell
        def broken(x, h, *, W):
            return h * torch.ones(3) + W @ x  # here
        """,
        "mul takes values of the step, weights and numbers, not torch.Tensor",
    ),
    "too many operands": (
        """
        @cell
        def broken(x, h, *, W):
            return tanh(W @ x, h)  # here
        """,
        "tanh takes 1 operand, not 2",
    ),
    "too few operands": (
        """
        @cell
        def broken(x, h, *, W):
            return maximum(W @ x + h)  # here
        """,
        "maximum takes 2 operands, not 1",
    ),
    "an unknown option": (
        """
        @cell
        def broken(x, h, *, W):
            return clip(W @ x + h, low=0, hihg=1)  # here
        """,
        "clip knows no option 'hihg'; it has low, high",
    ),
    "a missing option": (
        """
        @cell
        def broken(x, h, *, W):
            return clip(W @ x + h, low=0)  # here
        """,
        "clip needs high, as in clip(…, high=1.0)",
    ),
    "an option too many": (
        """
        @cell
        def broken(x, h, *, W):
            return tanh(W @ x + h, scale=2)  # here
        """,
        "tanh knows no option 'scale'",
    ),
    "an option that is no number": (
        """
        @cell
        def broken(x, h, *, W, g):
            return layer_norm(W @ x + h, g.gain, g.bias, eps=g.eps)  # here
        """,
        "eps of normalize must be a number, not g.eps",
    ),
    "a broken power": (
        """
        @cell
        def broken(x, h, *, W):
            return (W @ x + h) ** 0.5  # here
        """,
        "powers are small whole numbers, not 0.5: others are exp(a * log(x))",
    ),
    "a power of two values": (
        """
        @cell
        def broken(x, h, *, W):
            return (W @ x) ** h  # here
        """,
        "exponent of power must be a number, not h",
    ),
    "a member of a family by a float": (
        """
        @cell
        def broken(x, h, *, W):
            return W[1.5] @ x + h  # here
        """,
        "a weight of the family W is named by a word or a whole number, not 1.5",
    ),
    "a weight called": (
        """
        @cell
        def broken(x, h, *, W):
            return W(x) + h  # here
        """,
        "the equations of broken do not run: 'Family' object is not callable",
    ),
    "a weight assigned": (
        """
        @cell
        def broken(x, h, *, W):
            W.f = 3  # here
            return W.f @ x + h
        """,
        "the equations of broken do not run: 'Family' object has no attribute 'f'",
    ),
}
