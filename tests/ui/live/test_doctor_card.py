"""The doctor speaks when there is something to say."""

import pytest


@pytest.mark.usefixtures("slowly")
def test_the_doctor_finds_nothing_before_and_during_a_healthy_run_and_reports_after_it(visitor):
    def sentences():
        return [
            text for text in visitor.texts("markdown") if "Solved" in text or "stethoscope" in text
        ]

    assert not sentences()
    visitor.press("Train")
    visitor.until(lambda run: run.step > 5)
    assert not visitor.run.is_over
    assert not sentences()
    visitor.set("Speed limit, steps/s", 1000.0)
    visitor.until_over()
    assert len(sentences()) == 1
