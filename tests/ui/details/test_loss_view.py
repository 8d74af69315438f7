"""The view Loss: the mean of an epoch, as the programs print it."""


def test_the_view_loss_tells_the_mean_of_the_last_epoch(visitor):
    visitor.set("Batch size (rows)", 2)
    visitor.set("Epochs (passes)", 7)
    visitor.open_view("Loss")
    visitor.train()
    losses = visitor.run.history.exact_losses
    (told,) = [text for text in visitor.texts() if "Training loss of epoch" in text]
    assert f"epoch 7: {losses[-2:].mean():.6f}, the mean over its 2 batches" in told


def test_rows_taken_alone_count_to_the_mean_of_their_epoch_and_only_to_that(visitor):
    visitor.open_view("Loss")
    visitor.press("Step")
    visitor.until(lambda run: run.step == 1)
    visitor.set("Step by", "sample")

    def told():
        visitor.look_again()
        return [text for text in visitor.texts() if "Training loss of epoch" in text]

    (before,) = told()
    for step in range(2, 6):
        visitor.press("Step")
        visitor.until(lambda run, step=step: run.step == step and run.latest.step == step)
        assert len(told()) == (step == 5), "within an epoch, its last loss is no epoch's"
    losses = visitor.run.history.exact_losses
    assert f"epoch 1: {losses[0]:.6f}, the loss of its one batch" in before
    assert f"epoch 2: {losses[1:].mean():.6f}, the mean over its rows" in told()[0]
