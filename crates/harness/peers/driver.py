"""Runs one Python package as a peer: `python driver.py ADAPTER.py`.

The adapter is a module with

    version() -> str
        the package's version.
    path(X, y, lambdas, alpha, tol) -> (coefs, stopping)
        one call of the package's own path routine, no intercept, columns as they are, for
        (1/2n)||y - X b||^2 + lambda * sum(alpha |b_j| + (1 - alpha) b_j^2 / 2)
        at every value of the decreasing array `lambdas`. `coefs` is p x K, dense or sparse, K the
        number of lambdas that the package reached; `stopping` is the package's own figure of how
        well it ended, worst over the path, or None.
    prepare(X) -> X                                                                     (optional)
        the layout that the package wants, made when data are loaded and outside the clock.
    cross_validate(X, y, lambdas, folds, tol, jobs, threads) -> (call, read)            (optional)
        call() is the package's own cross-validation of the lasso, with an intercept in every fold,
        and all that is timed: row i is held out in fold folds[i], `jobs` folds are done at a time
        and linear algebra has `threads` threads. read(what call returned) -> dict(mean=, se=,
        coefs=) has mean squared errors by row and their standard errors, one per lambda, and the
        coefficients of the path on all rows; with min= and one_se= where the package itself
        chooses from them, as indices of lambda.
    leave_one_out(X, y, lambdas) -> (call, read)                                        (optional)
        the same for ridge without each row in turn, but coefs.
    loss_path(X, y, loss, parameter, lambdas, tol) -> (call, read)                      (optional)
        call() fits (1/n) sum loss(y_i, b0 + x_i b) + lambda * sum |b_j| with an intercept b0, and is
        all that is timed: the loss "quantile" at the quantile `parameter`, or "logistic" with y in
        {0, 1}. read(what call returned) -> dict(intercepts=, coefs=), one and one column per lambda.

X is a Fortran-ordered float64 array or a scipy.sparse.csc_matrix with int32 indices. What the
package cannot do is refused by NotImplementedError; the message reaches the report. Whatever is printed goes
to stderr. README.md has the protocol.
"""

import ctypes
import functools
import gc
import importlib.util
import json
import math
import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

# The protocol keeps private copies of both ends, so that no package can read or write them.
requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.dup2(2, 1)
sys.stdout = sys.stderr

# An adapter may bear its package's name, and must not be found in the package's place.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != HERE]

import numpy as np  # noqa: E402
import scipy.sparse  # noqa: E402


def reply(**fields):
    replies.write(json.dumps(fields, allow_nan=False) + "\n")
    replies.flush()


def one_line(error):
    return " ".join(f"{type(error).__name__}: {error}".split())


def read_array(path, dtype, length):
    array = np.fromfile(path, dtype=dtype)
    if array.size != length:
        raise ValueError(f"{path} holds {array.size} numbers where {length} are expected")
    return array


def load_adapter(path):
    spec = importlib.util.spec_from_file_location("adapter", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def clocked(call):
    gc.collect()  # earlier garbage is not this call's work
    cpu, wall = time.process_time(), time.perf_counter()
    result = call()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def write_coefficients(path, coefs, p, count):
    coefs = scipy.sparse.csc_matrix(coefs)
    if coefs.shape[0] != p or coefs.shape[1] > count:
        raise ValueError(f"{p} x {count} coefficients expected, {coefs.shape} came back")
    coefs.sum_duplicates()
    coefs.eliminate_zeros()
    with open(path, "wb") as out:
        out.write(np.diff(coefs.indptr).astype("<i4").tobytes())
        out.write(coefs.indices.astype("<i4").tobytes())
        out.write(coefs.data.astype("<f8").tobytes())
    return coefs.shape[1]


def write_curve(path, found, count):
    mean, se = (np.asarray(found[name], dtype="<f8") for name in ("mean", "se"))
    if mean.shape != (count,) or se.shape != (count,):
        raise ValueError(f"{count} errors expected, {mean.shape} and {se.shape} came back")
    with open(path, "wb") as out:
        out.write(mean.tobytes())
        out.write(se.tobytes())


def choices(found):
    return {name: int(found[name]) for name in ("min", "one_se") if name in found}


class Peer:
    def __init__(self, adapter):
        self.adapter = adapter
        self.data = None

    def load(self, folder, kind, n, p):
        n, p = int(n), int(p)
        self.data = None  # the earlier data are freed before their successor needs the memory
        y = read_array(os.path.join(folder, "y.f64"), "<f8", n)
        if kind == "dense":
            X = read_array(os.path.join(folder, "x.f64"), "<f8", n * p)
            X = X.reshape((n, p), order="F")
        elif kind == "sparse":
            indptr = read_array(os.path.join(folder, "indptr.i32"), "<i4", p + 1)
            indices = read_array(os.path.join(folder, "indices.i32"), "<i4", indptr[-1])
            values = read_array(os.path.join(folder, "values.f64"), "<f8", indptr[-1])
            X = scipy.sparse.csc_matrix((values, indices, indptr), shape=(n, p))
        else:
            raise ValueError(f"a design is dense or sparse, not {kind!r}")
        prepare = getattr(self.adapter, "prepare", None)
        self.data = (X if prepare is None else prepare(X), y, p)
        reply(loaded=True)

    def loaded(self):
        if self.data is None:
            raise ValueError("no data are loaded")
        return self.data

    def path(self, alpha, tol, lambda_file, count, out_file):
        X, y, p = self.loaded()
        alpha, tol, count = float(alpha), float(tol), int(count)
        lambdas = read_array(lambda_file, "<f8", count)
        call = functools.partial(self.adapter.path, X, y, lambdas, alpha, tol)
        wall, cpu, (coefs, stopping) = clocked(call)
        reached = write_coefficients(out_file, coefs, p, count)
        if stopping is not None:
            stopping = float(stopping)
            stopping = stopping if math.isfinite(stopping) else None
        reply(seconds=wall, cpu_seconds=cpu, stopping=stopping, reached=reached)

    def cross_validate(self, tol, lambda_file, count, fold_file, jobs, threads, curve_file, out_file):
        X, y, p = self.loaded()
        count = int(count)
        lambdas = read_array(lambda_file, "<f8", count)
        folds = read_array(fold_file, "<i4", len(y))
        validate = self.optional("cross_validate")
        call, read = validate(X, y, lambdas, folds, float(tol), int(jobs), int(threads))
        wall, cpu, result = clocked(call)
        found = read(result)
        write_curve(curve_file, found, count)
        reached = write_coefficients(out_file, found["coefs"], p, count)
        reply(seconds=wall, cpu_seconds=cpu, reached=reached, **choices(found))

    def leave_one_out(self, lambda_file, count, curve_file):
        X, y, _ = self.loaded()
        count = int(count)
        lambdas = read_array(lambda_file, "<f8", count)
        call, read = self.optional("leave_one_out")(X, y, lambdas)
        wall, cpu, result = clocked(call)
        found = read(result)
        write_curve(curve_file, found, count)
        reply(seconds=wall, cpu_seconds=cpu, reached=count, **choices(found))

    def loss_path(self, loss, parameter, tol, lambda_file, count, out_file):
        X, y, p = self.loaded()
        count = int(count)
        lambdas = read_array(lambda_file, "<f8", count)
        fit = self.optional("loss_path")
        call, read = fit(X, y, loss, float(parameter), lambdas, float(tol))
        wall, cpu, result = clocked(call)
        found = read(result)
        intercepts = scipy.sparse.csc_matrix(np.atleast_2d(found["intercepts"]))
        rows = scipy.sparse.vstack([scipy.sparse.csc_matrix(found["coefs"]), intercepts])
        reached = write_coefficients(out_file, rows, p + 1, count)
        reply(seconds=wall, cpu_seconds=cpu, reached=reached)

    def optional(self, name):
        function = getattr(self.adapter, name, None)
        if function is None:
            raise NotImplementedError(f"its adapter has no {name}")
        return function


def main():
    try:
        adapter = load_adapter(sys.argv[1])
        version = str(adapter.version())
    except Exception as error:
        reply(error=one_line(error))
        sys.exit(1)
    peer = Peer(adapter)
    reply(ready=1, version=version)
    for line in requests:
        verb, *fields = line.rstrip("\n").split("\t")
        try:
            if verb == "load":
                peer.load(*fields)
            elif verb == "path":
                peer.path(*fields)
            elif verb == "cross_validate":
                peer.cross_validate(*fields)
            elif verb == "leave_one_out":
                peer.leave_one_out(*fields)
            elif verb == "loss_path":
                peer.loss_path(*fields)
            else:
                raise ValueError(f"no such request: {verb!r}")
        except (KeyboardInterrupt, SystemExit):
            raise
        except NotImplementedError as error:
            reply(unsupported=" ".join(str(error).split()))
        except BaseException as error:  # panics of extension modules are no Exception
            reply(error=one_line(error))


main()
