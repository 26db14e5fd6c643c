"""The service as an AWS Lambda function, behind a Function URL or an API Gateway (HTTP API).

In: an event in AWS's format 2.0. Out: the answer of the same application that `inkdigits serve`
runs, page included. The model is loaded when Lambda starts an instance, not by its first request.
A function has no disk that lasts: corrections need a database elsewhere, or are not taken.
"""

from __future__ import annotations

import asyncio

from mangum import Mangum

from inkdigits.service import app

# Mangum would start and stop the application with each request, and load the model each time.
_loop = asyncio.new_event_loop()
asyncio.set_event_loop(_loop)
_life = app.router.lifespan_context(app)
_loop.run_until_complete(_life.__aenter__())

#: What Lambda calls.
handler = Mangum(app, lifespan="off")
