"""The published way of training: one loop for each framework, as tutorials write it.

Each function is what a reader of the framework's introduction would type for the network
2-3-1 on XOR, sigmoid units, squared error, Adam, all four rows in each step: plain expressions
or the framework's own layers, a loop in Python, and the loss taken out as a float each time.
Keras is trained by `fit`, row by row. `mnist_torch` is the loop for MNIST, 784-200-10 with the
squared error summed: a data set that prepares one image at a time, and a loader that collects them.

A function takes the weights to start from and returns ``train(epochs)``, which trains on and
returns the losses: one for each epoch. Each imports its framework only when it is called, since
every framework is measured in a process of its own. Constants are spelled out, so that the losses
are those of the backends, which the tests check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np

Array = np.ndarray
Params = list[tuple[Array, Array]]
Train = Callable[[int], list[float]]

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
MEAN, STD = 0.1307, 0.3081  # of the pixels of MNIST


def _adam(params, gradients, m, v, t, learning_rate, sqrt):
    """One step of Adam for a list of arrays; returns new lists."""
    m = [BETA_1 * m_i + (1 - BETA_1) * g for m_i, g in zip(m, gradients, strict=True)]
    v = [BETA_2 * v_i + (1 - BETA_2) * g**2 for v_i, g in zip(v, gradients, strict=True)]
    params = [
        p - learning_rate * (m_i / (1 - BETA_1**t)) / (sqrt(v_i / (1 - BETA_2**t)) + EPSILON)
        for p, m_i, v_i in zip(params, m, v, strict=True)
    ]
    return params, m, v


def numpy(params: Params, x: Array, y: Array, learning_rate: float) -> Train:
    """Forward and backward as plain expressions, a new array for each."""
    weights = [array for pair in params for array in pair]
    m, v = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    t = 0

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def train(epochs):
        nonlocal weights, m, v, t
        losses = []
        for _ in range(epochs):
            w1, b1, w2, b2 = weights
            hidden = sigmoid(x @ w1 + b1)
            output = sigmoid(hidden @ w2 + b2)
            losses.append(float(np.mean((output - y) ** 2)))
            delta_2 = 2 * (output - y) / y.size * output * (1 - output)
            delta_1 = delta_2 @ w2.T * hidden * (1 - hidden)
            gradients = [x.T @ delta_1, delta_1.sum(0), hidden.T @ delta_2, delta_2.sum(0)]
            t += 1
            weights, m, v = _adam(weights, gradients, m, v, t, learning_rate, np.sqrt)
        return losses

    return train


def autograd(params: Params, x: Array, y: Array, learning_rate: float) -> Train:
    """The loss as a function of a list of arrays, `grad`, and the Adam that comes with autograd.

    Its moments begin anew with each call of ``train``.
    """
    import autograd.numpy as anp
    from autograd import grad
    from autograd.misc.optimizers import adam

    weights = [array for pair in params for array in pair]

    def sigmoid(z):
        return 1 / (1 + anp.exp(-z))

    def loss_of(weights, step):
        w1, b1, w2, b2 = weights
        output = sigmoid(anp.dot(sigmoid(anp.dot(x, w1) + b1), w2) + b2)
        return anp.mean((output - y) ** 2)

    def train(epochs):
        nonlocal weights
        losses = []

        def note_loss(weights, step, gradient):
            losses.append(float(loss_of(weights, step)))

        weights = adam(
            grad(loss_of), weights, note_loss, epochs, learning_rate, BETA_1, BETA_2, EPSILON
        )
        return losses

    return train


def _torch_network(params: Params):
    """A module of two linear layers with sigmoids, holding the weights given."""
    import torch

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            (w1, _), (w2, _) = params
            self.hidden = torch.nn.Linear(*w1.shape)
            self.output = torch.nn.Linear(*w2.shape)

        def forward(self, x):
            return torch.sigmoid(self.output(torch.sigmoid(self.hidden(x))))

    network = Network()
    with torch.no_grad():
        for layer, (weight, bias) in zip((network.hidden, network.output), params, strict=True):
            layer.weight.copy_(torch.tensor(weight.T))
            layer.bias.copy_(torch.tensor(bias))
    return network


def torch(params: Params, x: Array, y: Array, learning_rate: float) -> Train:
    """A module, `backward`, `torch.optim.Adam`, and `item` each step."""
    import torch

    network, criterion = _torch_network(params), torch.nn.MSELoss()
    optimizer = torch.optim.Adam(
        network.parameters(), lr=learning_rate, betas=(BETA_1, BETA_2), eps=EPSILON
    )
    x, y = torch.tensor(x), torch.tensor(y)

    def train(epochs):
        losses = []
        for _ in range(epochs):
            optimizer.zero_grad()
            loss = criterion(network(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    return train


def tensorflow(params: Params, x: Array, y: Array, learning_rate: float) -> Train:
    """A subclassed model, a gradient tape in a compiled step, and a float each step."""
    import tensorflow as tf

    class Network(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden = tf.keras.layers.Dense(params[0][0].shape[1], activation="sigmoid")
            self.out = tf.keras.layers.Dense(params[1][0].shape[1], activation="sigmoid")

        def call(self, x):
            return self.out(self.hidden(x))

    network, mse = Network(), tf.keras.losses.MeanSquaredError()
    network(x)
    network.set_weights([array for pair in params for array in pair])
    optimizer = tf.keras.optimizers.Adam(
        learning_rate, beta_1=BETA_1, beta_2=BETA_2, epsilon=EPSILON
    )
    x, y = tf.constant(x), tf.constant(y)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = mse(y, network(x))
        gradients = tape.gradient(loss, network.trainable_variables)
        optimizer.apply_gradients(zip(gradients, network.trainable_variables, strict=True))
        return loss

    return lambda epochs: [float(step(x, y)) for _ in range(epochs)]


def keras(params: Params, x: Array, y: Array, learning_rate: float) -> Train:
    """A Sequential model and `fit` with `batch_size=1`: as many steps an epoch as rows.

    The loss of an epoch is the mean over its steps. The rows keep their order.
    """
    import keras

    network = keras.Sequential(
        [
            keras.Input((x.shape[1],)),
            *(keras.layers.Dense(len(bias), activation="sigmoid") for _, bias in params),
        ]
    )
    network.set_weights([array for pair in params for array in pair])
    network.compile(
        loss="mean_squared_error",
        optimizer=keras.optimizers.Adam(
            learning_rate, beta_1=BETA_1, beta_2=BETA_2, epsilon=EPSILON
        ),
    )

    def train(epochs):
        history = network.fit(x, y, batch_size=1, epochs=epochs, shuffle=False, verbose=0)
        return [float(loss) for loss in history.history["loss"]]

    return train


def jax(params: Params, x: Array, y: Array, learning_rate: float) -> Train:
    """A pure step under `jit`, called from Python, and a float each step."""
    import jax
    import jax.numpy as jnp

    weights = [jnp.array(array) for pair in params for array in pair]
    m, v = [jnp.zeros_like(w) for w in weights], [jnp.zeros_like(w) for w in weights]
    x, y, t = jnp.array(x), jnp.array(y), 0

    def loss_of(weights):
        w1, b1, w2, b2 = weights
        output = jax.nn.sigmoid(jax.nn.sigmoid(x @ w1 + b1) @ w2 + b2)
        return jnp.mean((output - y) ** 2)

    @jax.jit
    def step(weights, m, v, t):
        loss, gradients = jax.value_and_grad(loss_of)(weights)
        return loss, *_adam(weights, gradients, m, v, t, learning_rate, jnp.sqrt)

    def train(epochs):
        nonlocal weights, m, v, t
        losses = []
        for _ in range(epochs):
            t += 1
            loss, weights, m, v = step(weights, m, v, t)
            losses.append(float(loss))
        return losses

    return train


def mxnet(params: Params, x: Array, y: Array, learning_rate: float) -> Train:
    """Gluon's layers and its `Trainer`, with the loss asked for each step."""
    from mxnet import autograd, gluon, nd

    network = gluon.nn.Sequential()
    for weight, bias in params:
        network.add(gluon.nn.Dense(len(bias), in_units=len(weight), activation="sigmoid"))
    network.initialize()
    for layer, (weight, bias) in zip(network, params, strict=True):
        layer.weight.set_data(nd.array(weight.T))
        layer.bias.set_data(nd.array(bias))
    # Gluon's L2Loss is half the squared error.
    squared_error = gluon.loss.L2Loss(weight=2.0)
    trainer = gluon.Trainer(
        network.collect_params(),
        "adam",
        {"learning_rate": learning_rate, "beta1": BETA_1, "beta2": BETA_2, "epsilon": EPSILON},
    )
    x, y = nd.array(x), nd.array(y)

    def train(epochs):
        losses = []
        for _ in range(epochs):
            with autograd.record():
                loss = squared_error(network(x), y)
            loss.backward()
            trainer.step(len(x))
            losses.append(float(loss.mean().asscalar()))
        return losses

    return train


def mnist_images(pixels: Array, labels: Array, allow_torchvision: bool = True):
    """The data set of a tutorial for MNIST: each image is prepared when it is asked for.

    An image becomes a PIL image, a tensor by `ToTensor` and `Normalize`, and flat; its digit
    becomes ten numbers, of which one is 1. The transforms are torchvision's where it is
    installed, and otherwise its steps, written out.

    Parameters
    ----------
    pixels : ndarray of shape (n, 28, 28), uint8
        The images as their file has them.
    labels : ndarray of shape (n,)
        The digits.
    allow_torchvision : bool
        False writes the steps out in any case.

    Returns
    -------
    images : torch.utils.data.Dataset
        Of pairs of tensors with the shapes (784,) and (10,).
    maker : str
        What prepares them, for a text.
    """
    import torch
    from PIL import Image
    from torch.utils.data import Dataset

    images, digits = torch.from_numpy(pixels), torch.from_numpy(labels)
    found = _torchvision() if allow_torchvision else None
    if found:
        transforms, maker = found
        transform = transforms.Compose(
            [transforms.ToTensor(), transforms.Normalize((MEAN,), (STD,))]
        )
    else:
        transform, maker = _written_out, "the steps of torchvision's transforms, written out"

    class Images(Dataset):
        def __len__(self):
            return len(digits)

        def __getitem__(self, index):
            image = Image.fromarray(images[index].numpy(), mode=None)
            target = torch.zeros(10)
            target[int(digits[index])] = 1.0
            return transform(image).view(-1), target

    return Images(), maker


def _torchvision():
    """Its transforms and its name with the version, or None where it is not installed."""
    import torch

    if find_spec("torchvision") is None:
        return None
    try:
        import torchvision
    except RuntimeError:
        # Its compiled operators are for another build of PyTorch, one with CUDA for example, and
        # it only starts where these two exist. The transforms use no operators of its own.
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _kept.append(library)
        import torchvision
    from torchvision import transforms

    return transforms, f"torchvision {torchvision.__version__.split('+')[0]}"


_kept: list = []  # a library of operators is gone when nothing refers to it


def _written_out(image):
    """What `ToTensor` and `Normalize` do to an image of MNIST, step by step."""
    import torch

    tensor = torch.from_numpy(np.array(image, copy=True)).view(28, 28, 1)
    tensor = tensor.permute(2, 0, 1).contiguous().to(torch.float32).div(255).clone()
    mean, std = torch.as_tensor([MEAN]), torch.as_tensor([STD])
    if (std == 0).any():
        raise ValueError("the standard deviation must not be 0")
    return tensor.sub_(mean.view(-1, 1, 1)).div_(std.view(-1, 1, 1))


def mnist_torch(
    params: Params,
    pixels: Array,
    labels: Array,
    batch_size: int,
    learning_rate: float,
    shuffle: bool = True,
) -> Iterator[float]:
    """The loop for MNIST in PyTorch: yields the loss of each batch before its step, for ever.

    Parameters
    ----------
    params : list of (weight, bias)
        Of the layers 784-200-10.
    pixels : ndarray of shape (n, 28, 28), uint8
        The images as their file has them; each is prepared when it is asked for.
    labels : ndarray of shape (n,)
        The digits.
    batch_size : int
        Images in each step.
    learning_rate : float
        Of Adam.
    shuffle : bool
        Whether each epoch has another order.
    """
    import torch
    from torch.utils.data import DataLoader

    network, criterion = _torch_network(params), torch.nn.MSELoss(reduction="sum")
    optimizer = torch.optim.Adam(
        network.parameters(), lr=learning_rate, betas=(BETA_1, BETA_2), eps=EPSILON
    )
    loader = DataLoader(mnist_images(pixels, labels)[0], batch_size=batch_size, shuffle=shuffle)
    while True:
        for image, target in loader:
            optimizer.zero_grad()
            loss = criterion(network(image), target)
            loss.backward()
            optimizer.step()
            yield loss.item()


XOR = {
    function.__name__: function
    for function in (numpy, torch, tensorflow, keras, jax, autograd, mxnet)
}
"""The loop for XOR of each backend."""
