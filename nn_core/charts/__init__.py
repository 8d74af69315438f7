"""Charts beside the live picture.

Each chart is a pair of pure functions. ``..._spec()`` returns a Vega-Lite specification without
data, built once by Altair; ``..._table()`` returns the data as a `pyarrow.Table`. Everything that
changes during a run is in the table, because the browser rebuilds a chart whose specification
changes. Draw them with ``st.vega_lite_chart(table, spec, key=...)``, and do not modify a
specification: it is cached and shared.
"""
