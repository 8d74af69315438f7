"""Charts: what is drawn beside the live view.

Each chart is a pair of pure functions. ``..._spec()`` is a Vega-Lite specification without data,
built once by Altair; ``..._table()`` is the data as a `pyarrow.Table`. Everything that changes
during a run is in the table, because a changed specification makes the browser build the chart
anew. Draw them with ``st.vega_lite_chart(table, spec, key=...)``, and do not write into a
specification: it is shared.
"""
