"""celer: working sets, dual extrapolation and coordinate descent, stopped on the dual gap."""

import celer


def version():
    return celer.__version__


def path(X, y, lambdas, alpha, tol):
    if alpha == 0:
        raise NotImplementedError("celer does not support ridge")
    _, coefs, gaps = celer.celer_path(
        X,
        y,
        pb="lasso",
        alphas=lambdas,
        l1_ratio=alpha,
        tol=tol,
        # As its estimators call it; the bare function would let working sets only grow.
        prune=True,
        # Out of reach: the tolerance alone ends a solve.
        max_iter=10_000,
        max_epochs=10**9,
    )
    return coefs, gaps.max()
