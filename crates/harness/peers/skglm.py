"""skglm: Anderson-accelerated coordinate descent on working sets, stopped on the KKT violation."""

import skglm
from skglm.datafits import Quadratic
from skglm.penalties import L1, L1_plus_L2
from skglm.solvers import AndersonCD


def version():
    return skglm.__version__


def path(X, y, lambdas, alpha, tol):
    penalty = L1(lambdas[0]) if alpha == 1 else L1_plus_L2(lambdas[0], alpha)
    # Out of reach limits: the tolerance alone ends a solve.
    solver = AndersonCD(max_iter=10**6, max_epochs=10**9, tol=tol, fit_intercept=False)
    _, coefs, violations = solver.path(X, y, Quadratic(), penalty, lambdas)
    return coefs, violations.max()
