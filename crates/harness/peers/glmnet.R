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
