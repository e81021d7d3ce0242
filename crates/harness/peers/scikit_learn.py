"""scikit-learn: cyclic coordinate descent with gap-safe screening, stopped on the dual gap."""

import scipy.sparse
import sklearn
from sklearn.linear_model import enet_path


def version():
    return sklearn.__version__


def path(X, y, lambdas, alpha, tol):
    n, p = X.shape
    _, coefs, gaps = enet_path(
        X,
        y,
        l1_ratio=alpha,
        alphas=lambdas,
        # The Gram matrix is part of the path and pays where columns are fewer than rows.
        precompute=not scipy.sparse.issparse(X) and n > p,
        copy_X=False,
        # Otherwise the whole Gram matrix is validated again at every lambda.
        check_input=False,
        tol=tol,
        # Out of reach: the tolerance alone ends a solve.
        max_iter=10**9,
    )
    return coefs, gaps.max()
