"""TensorFlow: a tape records what happens while it runs."""

from __future__ import annotations

import tensorflow as tf


def logistic(w, x):
    return -tf.math.log_sigmoid(tf.tensordot(w, x, 1))


def squared_error(w, x):
    return (tf.sigmoid(w[0] * x[0] + w[1] * x[1] + w[2]) - x[2]) ** 2


def polynomial(w, x):
    return w[0] ** 2 * w[1] + tf.sin(w[2])


def cross_entropy(w, x):
    # Not `softmax_cross_entropy_with_logits`: its gradient is right only where x sums to 1.
    return -tf.reduce_sum(x * tf.nn.log_softmax(w))


def relu(w, x):
    return tf.reduce_sum(x * tf.nn.relu(w))


def tanh_chain(w, x):
    return tf.tanh(w[2] * tf.tanh(w[1] * tf.tanh(w[0] * x[0])))


def reverse_mode(loss, w, x):
    """TensorFlow: the tape of the loss is played backwards, to w."""
    w = tf.constant(w, tf.float64)
    x = tf.constant(x, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(w)
        value = loss(w, x)
    return value.numpy(), tape.gradient(value, w).numpy()
