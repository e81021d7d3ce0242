"""scikit-learn: cyclic coordinate descent with gap-safe screening, stopped on the dual gap."""

import numpy as np
import scipy.sparse
import sklearn
from sklearn.linear_model import LassoCV, QuantileRegressor, RidgeCV, enet_path
from sklearn.model_selection import PredefinedSplit
from threadpoolctl import threadpool_limits


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


def cross_validate(X, y, lambdas, folds, tol, jobs, threads):
    # Its jobs are threads of this process, among which linear algebra starts no more of its own.
    limits = threadpool_limits(threads)
    # Whether the Gram matrix pays is left to it, as by default; iterations are out of reach as above.
    model = LassoCV(alphas=lambdas, cv=PredefinedSplit(folds), tol=tol, max_iter=10**9, n_jobs=jobs)

    def read(model):
        limits.restore_original_limits()
        if not np.array_equal(model.alphas_, lambdas):
            raise ValueError("its alphas are not the lambdas that were asked for")
        # Its own mean gives every fold the same weight, whatever its size.
        sizes = np.bincount(folds)
        mean = model.mse_path_ @ sizes / sizes.sum()
        squares = (model.mse_path_ - mean[:, np.newaxis]) ** 2 @ sizes / sizes.sum()
        coefs, _ = path(X, y, lambdas, 1.0, tol)
        return dict(mean=mean, se=np.sqrt(squares / (len(sizes) - 1)), coefs=coefs)

    return lambda: model.fit(X, y), read


def leave_one_out(X, y, lambdas):
    n = len(y)
    # Its objective is the sum of squares plus alpha times that of the coefficients.
    model = RidgeCV(alphas=n * lambdas, store_cv_results=True)

    def read(model):
        errors = model.cv_results_
        mean = errors.mean(axis=0)
        best = np.flatnonzero(n * lambdas == model.alpha_)[0]
        return dict(mean=mean, se=errors.std(axis=0) / np.sqrt(n - 1), min=best)

    return lambda: model.fit(X, y), read


def loss_path(X, y, loss, parameter, lambdas, tol):
    if loss != "quantile":
        raise NotImplementedError(f"scikit-learn's linear program does not support {loss} loss")
    options = dict(primal_feasibility_tolerance=tol, dual_feasibility_tolerance=tol)
    # It has no path: a linear program for every lambda, each from the beginning.
    models = [
        QuantileRegressor(quantile=parameter, alpha=penalty, solver="highs", solver_options=options)
        for penalty in lambdas
    ]

    def read(models):
        coefs = np.column_stack([model.coef_ for model in models])
        return dict(intercepts=[model.intercept_ for model in models], coefs=coefs)

    return lambda: [model.fit(X, y) for model in models], read
