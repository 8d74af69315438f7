"""A link with the weights of a run."""


def test_a_link_with_weights_says_where_its_settings_are_not_those_of_the_weights(visitor):
    visitor.set("Speed limit, steps/s", None)
    visitor.train()
    visitor.session["gates.share"] = True
    visitor.session["gates.form.share_weights"] = True
    visitor.look_again()
    said = "trained with other settings"
    assert said not in visitor.captions
    visitor.set("Activation", "tanh")
    (found,) = [text for text in visitor.texts() if said in text]
    assert "Activation changed" in found
