# quantreg: quantile regression by the interior point method of Portnoy and Koenker.

suppressPackageStartupMessages(library(quantreg))

version <- function() packageDescription("quantreg")$Version

path <- function(x, y, lambda, alpha, tol) stop("quantreg does not support squared loss")

loss_path <- function(x, y, loss, parameter, lambda, tol) {
  if (loss != "quantile") stop("quantreg does not support ", loss, " loss")
  if (length(lambda) != 1 || lambda != 0) stop("this routine of quantreg does not support a penalty")
  x <- cbind(1, x)
  call <- function() rq.fit.fnb(x, y, tau = parameter, eps = tol)
  read <- function(fit) {
    list(intercept = fit$coefficients[1], beta = matrix(fit$coefficients[-1], ncol = 1), stopping = NA)
  }
  list(call = call, read = read)
}
