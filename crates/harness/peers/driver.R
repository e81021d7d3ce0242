# Runs one R package as a peer: `Rscript driver.R ADAPTER.R`.
#
# The adapter defines
#
#   version()
#       the package's version, a string.
#   path(x, y, lambda, alpha, tol)
#       one call of the package's own path routine, no intercept, columns as they are, for
#       (1/2n)||y - x b||^2 + lambda * sum(alpha |b_j| + (1 - alpha) b_j^2 / 2)
#       at every value of the decreasing vector `lambda`. Returns list(beta =, stopping =): beta is
#       p x K, a matrix or a dgCMatrix, K the number of lambdas that the package reached; stopping
#       is the package's own figure of how well it ended, worst over the path, or NA.
#   prepare(x)                                                                        (optional)
#       the layout that the package wants, made when data are loaded and outside the clock.
#   cross_validate(x, y, lambda, folds, tol, jobs, threads)                           (optional)
#       list(call =, read =), two functions. call() is the package's own cross-validation of the
#       lasso, with an intercept and standardised columns in every fold, and all that is timed: row i
#       is held out in fold folds[i], `jobs` folds are done at a time and linear algebra has `threads`
#       threads. read(what call returned) has mean and se, the mean squared errors by row and their
#       standard errors, one per lambda, beta, the coefficients of the path on all rows, and min and
#       one_se, the package's own choices, as indices of lambda from 1.
#   loss_path(x, y, loss, parameter, lambda, tol)                                     (optional)
#       list(call =, read =) as above. call() fits
#       (1/n) sum loss(y_i, b0 + x_i b) + lambda * sum |b_j|
#       with an intercept b0: the loss "quantile" at the quantile `parameter`, or "logistic" with y in
#       {0, 1}. read(what call returned) has intercept, one per lambda, and beta and stopping as path
#       returns them.
#
# x is a matrix of doubles or a dgCMatrix. What the package cannot do is refused by stop(); the
# message reaches the report. Whatever is printed from R goes to stderr. README.md has the protocol.

# Opened before the sink, so that the protocol keeps stdout when everything else loses it.
replies <- file("/dev/stdout", open = "wb")
sink(stderr())
requests <- file("stdin", open = "r")
options(warn = 1)
suppressPackageStartupMessages(library(Matrix))

reply <- function(...) {
  writeLines(sprintf(...), replies)
  flush(replies)
}

quoted <- function(text) {
  text <- iconv(paste(text, collapse = " "), to = "UTF-8", sub = "?")
  text <- gsub("[[:cntrl:][:space:]]+", " ", text)
  text <- gsub("\"", "\\\"", gsub("\\", "\\\\", text, fixed = TRUE), fixed = TRUE)
  paste0("\"", text, "\"")
}

number <- function(value) {
  if (is.null(value) || !is.finite(value)) "null" else sprintf("%.9g", value)
}

read_array <- function(path, what, size, length) {
  if (!file.exists(path) || file.size(path) != size * length) {
    stop(path, " does not hold ", length, " numbers of ", size, " bytes")
  }
  readBin(path, what, length, size = size, endian = "little")
}

load <- function(folder, kind, n, p) {
  n <- as.integer(n)
  p <- as.integer(p)
  data <<- NULL # the earlier data are freed before their successor needs the memory
  y <- read_array(file.path(folder, "y.f64"), "double", 8, n)
  if (kind == "dense") {
    x <- read_array(file.path(folder, "x.f64"), "double", 8, as.double(n) * p)
    dim(x) <- c(n, p)
  } else if (kind == "sparse") {
    start <- read_array(file.path(folder, "indptr.i32"), "integer", 4, p + 1)
    row <- read_array(file.path(folder, "indices.i32"), "integer", 4, start[p + 1])
    value <- read_array(file.path(folder, "values.f64"), "double", 8, start[p + 1])
    x <- new("dgCMatrix", p = start, i = row, x = value, Dim = c(n, p))
  } else {
    stop("a design is dense or sparse, not ", kind)
  }
  if (!is.null(adapter$prepare)) x <- adapter$prepare(x)
  data <<- list(x = x, y = y, p = p)
  reply("{\"loaded\": true}")
}

path <- function(alpha, tol, lambda_file, count, out_file) {
  if (is.null(data)) stop("no data are loaded")
  alpha <- as.double(alpha)
  tol <- as.double(tol)
  count <- as.integer(count)
  lambda <- read_array(lambda_file, "double", 8, count)
  timed <- clocked(function() adapter$path(data$x, data$y, lambda, alpha, tol))
  fit <- timed$result
  write_coefficients(out_file, fit$beta, count)
  reply("{\"seconds\": %s, \"cpu_seconds\": %s, \"stopping\": %s, \"reached\": %d}",
        number(timed$wall), number(timed$cpu), number(fit$stopping), ncol(fit$beta))
}

cross_validate <- function(tol, lambda_file, count, fold_file, jobs, threads, curve_file, out_file) {
  if (is.null(data)) stop("no data are loaded")
  if (is.null(adapter$cross_validate)) stop("its adapter has no cross_validate")
  count <- as.integer(count)
  lambda <- read_array(lambda_file, "double", 8, count)
  folds <- read_array(fold_file, "integer", 4, length(data$y))
  task <- adapter$cross_validate(data$x, data$y, lambda, folds, as.double(tol), as.integer(jobs),
                                 as.integer(threads))
  timed <- clocked(task$call)
  found <- task$read(timed$result)
  if (length(found$mean) != count || length(found$se) != count) {
    stop(count, " errors expected, ", length(found$mean), " and ", length(found$se), " came back")
  }
  out <- file(curve_file, open = "wb")
  on.exit(close(out))
  writeBin(as.double(c(found$mean, found$se)), out, size = 8, endian = "little")
  close(out)
  on.exit()
  write_coefficients(out_file, found$beta, count)
  reply("{\"seconds\": %s, \"cpu_seconds\": %s, \"reached\": %d, \"min\": %d, \"one_se\": %d}",
        number(timed$wall), number(timed$cpu), ncol(found$beta), found$min - 1L, found$one_se - 1L)
}

loss_path <- function(loss, parameter, tol, lambda_file, count, out_file) {
  if (is.null(data)) stop("no data are loaded")
  if (is.null(adapter$loss_path)) stop("its adapter has no loss_path")
  count <- as.integer(count)
  lambda <- read_array(lambda_file, "double", 8, count)
  task <- adapter$loss_path(data$x, data$y, loss, as.double(parameter), lambda, as.double(tol))
  timed <- clocked(task$call)
  found <- task$read(timed$result)
  write_coefficients(out_file, rbind(found$beta, found$intercept), count, data$p + 1)
  reply("{\"seconds\": %s, \"cpu_seconds\": %s, \"stopping\": %s, \"reached\": %d}",
        number(timed$wall), number(timed$cpu), number(found$stopping), ncol(found$beta))
}

# Processor seconds are those of ended children, too.
clocked <- function(call) {
  gc(verbose = FALSE) # earlier garbage is not this call's work
  cpu <- proc.time()
  wall <- Sys.time()
  result <- call()
  wall <- as.double(Sys.time() - wall, units = "secs")
  cpu <- (proc.time() - cpu)[c(1, 2, 4, 5)]
  list(result = result, wall = wall, cpu = sum(cpu, na.rm = TRUE))
}

write_coefficients <- function(path, beta, count, rows = data$p) {
  if (nrow(beta) != rows || ncol(beta) > count) {
    stop(rows, " x ", count, " coefficients expected, ", nrow(beta), " x ", ncol(beta),
         " came back")
  }
  beta <- drop0(as(as(as(beta, "dMatrix"), "generalMatrix"), "CsparseMatrix"))
  out <- file(path, open = "wb")
  on.exit(close(out))
  writeBin(diff(beta@p), out, size = 4, endian = "little")
  writeBin(beta@i, out, size = 4, endian = "little")
  writeBin(beta@x, out, size = 8, endian = "little")
}

data <- NULL
adapter <- new.env()
tryCatch({
  sys.source(commandArgs(trailingOnly = TRUE)[1], envir = adapter)
  package_version <- adapter$version()
}, error = function(e) {
  reply("{\"error\": %s}", quoted(conditionMessage(e)))
  quit(status = 1)
})
reply("{\"ready\": 1, \"version\": %s}", quoted(package_version))

while (length(line <- readLines(requests, n = 1)) == 1) {
  fields <- as.list(strsplit(line, "\t", fixed = TRUE)[[1]])
  tryCatch(switch(fields[[1]],
    load = do.call(load, fields[-1]),
    path = do.call(path, fields[-1]),
    cross_validate = do.call(cross_validate, fields[-1]),
    loss_path = do.call(loss_path, fields[-1]),
    stop("no such request: ", fields[[1]])
  ), error = function(e) reply("{\"error\": %s}", quoted(conditionMessage(e))))
}
