# glmnet: coordinate descent with strong rules, stopped on the change of the objective.

suppressPackageStartupMessages(library(glmnet))

version <- function() packageDescription("glmnet")$Version

path <- function(x, y, lambda, alpha, tol) {
  # glmnet scales y to unit variance, and lambda with it, which leaves the lasso as it is but would
  # divide the ridge part by sd(y); this change of (alpha, lambda) undoes that.
  deviation <- sqrt(mean(y^2))
  total <- alpha + (1 - alpha) * deviation
  fit <- glmnet(
    x, y,
    lambda = lambda * total,
    alpha = alpha / total,
    thresh = tol,
    standardize = FALSE,
    intercept = FALSE,
    maxit = 2e9 # out of reach: the threshold alone ends a solve
  )
  list(beta = fit$beta, stopping = NA)
}

cross_validate <- function(x, y, lambda, folds, tol, jobs, threads) {
  if (threads > 1) stop("it has no linear algebra of more than one thread")
  if (jobs > 1) {
    if (!requireNamespace("doParallel", quietly = TRUE)) stop("doParallel is not installed")
    doParallel::registerDoParallel(jobs)
  }
  call <- function() {
    cv.glmnet(
      x, y,
      lambda = lambda,
      foldid = folds + 1L,
      type.measure = "mse",
      parallel = jobs > 1,
      thresh = tol,
      maxit = 2e9 # as above
    )
  }
  read <- function(fit) {
    list(mean = fit$cvm, se = fit$cvsd, beta = fit$glmnet.fit$beta, min = fit$index["min", 1],
         one_se = fit$index["1se", 1])
  }
  list(call = call, read = read)
}

loss_path <- function(x, y, loss, parameter, lambda, tol) {
  if (loss != "logistic") stop("glmnet does not support ", loss, " loss")
  # Nothing but the threshold ends the path: neither a deviance that hardly changes nor one that is nearly 0.
  glmnet.control(fdev = 0, devmax = 1)
  call <- function() {
    glmnet(
      x, y,
      family = "binomial",
      lambda = lambda,
      standardize = FALSE,
      thresh = tol,
      maxit = 2e9 # as above
    )
  }
  read <- function(fit) list(intercept = fit$a0, beta = fit$beta, stopping = NA)
  list(call = call, read = read)
}
