"""In a real browser: the live picture's own way to the server, and the long way round it."""

import pytest

from tests.e2e.visitor import App, Server

OPEN = """address => new Promise(resolve => {
    const socket = new WebSocket(address);
    socket.onopen = () => resolve("open");
    socket.onerror = () => resolve("refused");
})"""


def test_the_picture_moves_over_its_own_socket_ten_times_a_second_without_script_runs(app):
    sockets = []
    app.page.on("websocket", lambda socket: sockets.append(socket.url))
    app.open()
    app.type_number("gates.form.epochs", 1_000_000)
    app.press("Train")
    app.until_state("running")
    first = int(app.picture.get_attribute("data-seq"))
    app.until(lambda: int(app.picture.get_attribute("data-seq")) > first + 20, "it stands still")
    assert any("/api/frames/" in url for url in sockets)


@pytest.mark.slow
def test_the_picture_moves_where_a_proxy_does_not_pass_the_socket(app):
    app.page.route_web_socket("**/api/frames/**", lambda socket: socket.close())
    app.open()
    app.type_number("gates.form.epochs", 1_000_000)
    app.press("Train")
    app.until_state("running")
    step = app.number("step")
    app.until(lambda: app.number("step") > step + 200, "it stands still")
    app.press("Pause")
    app.until_state("paused")


@pytest.mark.slow
def test_the_picture_moves_where_a_proxy_swallows_what_is_asked(app):
    app.page.route_web_socket("**/api/frames/**", lambda socket: None)
    app.open()
    app.press("Train")
    app.until(lambda: app.number("step") > 50, "it stands still")
    app.until_state("finished")


@pytest.mark.slow
def test_the_picture_and_the_first_page_have_their_addresses_below_a_folder_too(browser):
    server = Server("/lecture")
    context = browser.new_context()
    try:
        app = App(context.new_page(), server)
        frames = []

        def listen(socket):
            if "/api/frames/" in socket.url:
                socket.on("framereceived", lambda _: frames.append(socket.url))

        app.page.on("websocket", listen)
        app.open("gates?seed=7")
        app.until(lambda: "seed 7" in app.message, "the address of Gates lost its query")
        app.press("Train")
        app.until_state("finished")
        assert not app.errors
        app.until(lambda: len(frames) > 20, "the picture does not come by its socket")
        assert all(each.startswith(server.url.replace("http", "ws")) for each in frames)
    finally:
        context.close()
        server.close()


@pytest.mark.parametrize("token", ["", "guess", "a" * 3000])
def test_nobody_sees_a_picture_without_its_secret(app, token):
    app.open()
    address = app.server.url.replace("http", "ws") + f"/api/frames/{token}"
    answer = app.page.evaluate(OPEN, address)
    assert answer == "refused"


def test_a_page_of_another_host_gets_no_picture(app):
    addresses = []
    app.page.on("websocket", lambda socket: addresses.append(socket.url))
    app.open()
    app.type_number("gates.form.epochs", 1_000_000)
    app.press("Train")
    app.until_state("running")
    app.until(lambda: any("/api/frames/" in url for url in addresses), "there is no socket")
    (address,) = [url for url in addresses if "/api/frames/" in url]
    answer = app.page.evaluate(OPEN, address)
    assert answer == "open"
    # The same server under another name is another origin.
    app.page.goto(app.server.url.replace("127.0.0.1", "localhost") + "/_stcore/health")
    answer = app.page.evaluate(OPEN, address)
    assert answer == "refused"
