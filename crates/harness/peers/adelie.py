"""adelie: coordinate descent with pivot screening, stopped on the change of the objective."""

import adelie
import scipy.sparse


def version():
    return adelie.__version__


def prepare(X):
    view = adelie.matrix.sparse if scipy.sparse.issparse(X) else adelie.matrix.dense
    return view(X, method="naive", n_threads=1)


def path(X, y, lambdas, alpha, tol):
    state = adelie.grpnet(
        X,
        adelie.glm.gaussian(y),
        alpha=alpha,
        lmda_path=lambdas,
        tol=tol,
        # Out of reach: the tolerance alone ends a solve.
        max_iters=10**12,
        # A path that explains nearly all of y is still wanted to its end.
        early_exit=False,
        intercept=False,
        n_threads=1,
        progress_bar=False,
    )
    if state.error and state.betas.shape[0] == 0:
        raise RuntimeError(state.error)
    return state.betas.T, None
