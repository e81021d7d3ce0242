"""skein: coordinate descent, strong rules, Anderson; stopped on the change of coefficients."""

import importlib.metadata

import numpy as np
import scipy.sparse
from skein_glm import ElasticNetPathRegressor


def version():
    return importlib.metadata.version("skein-glm")


def prepare(X):
    # The package copies anything but rows in order at the start of every fit.
    return X if scipy.sparse.issparse(X) else np.ascontiguousarray(X)


def path(X, y, lambdas, alpha, tol):
    model = ElasticNetPathRegressor(
        alpha,
        lambdas=lambdas,
        tol=tol,
        # Out of reach: the tolerance alone ends a solve.
        max_iter=10**9,
        # At alpha = 0 the default rule discards columns that belong to the solution.
        screening="strong" if alpha > 0 else "off",
        fit_intercept=False,
    ).fit(X, y)
    return model.coefs_.T, None
