"""JAX: a pure function is transformed into the function of its gradient."""

from __future__ import annotations

import jax
import jax.numpy as jnp

# Without this, float64 silently becomes float32.
jax.config.update("jax_enable_x64", True)


def logistic(w, x):
    return -jax.nn.log_sigmoid(w @ x)


def squared_error(w, x):
    return (jax.nn.sigmoid(w[0] * x[0] + w[1] * x[1] + w[2]) - x[2]) ** 2


def polynomial(w, x):
    return w[0] ** 2 * w[1] + jnp.sin(w[2])


def cross_entropy(w, x):
    return -x @ jax.nn.log_softmax(w)


def relu(w, x):
    return x @ jax.nn.relu(w)


def tanh_chain(w, x):
    return jnp.tanh(w[2] * jnp.tanh(w[1] * jnp.tanh(w[0] * x[0])))


def reverse_mode(loss, w, x):
    """JAX: loss goes in, the function of value and gradient comes out."""
    return jax.value_and_grad(loss)(jnp.array(w), jnp.array(x))
