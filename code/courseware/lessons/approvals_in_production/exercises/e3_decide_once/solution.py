"""Solve: An API that refuses to decide twice."""

import threading

from fastapi import FastAPI, HTTPException


def build_api(pay):
    app, lock = FastAPI(), threading.Lock()
    status: dict[str, str] = {}

    @app.post("/requests/{id}", status_code=201)
    def put_down(id: str):
        with lock:
            if id in status:
                raise HTTPException(409, "this id exists already")
            status[id] = "waiting"

    @app.post("/requests/{id}/{verb}")
    def decide(id: str, verb: str):
        if verb not in ("approve", "reject"):
            raise HTTPException(404, "approve or reject")
        with lock:
            if id not in status:
                raise HTTPException(404, "there is no such request")
            if status[id] != "waiting":
                raise HTTPException(409, f"{status[id]} already")
            status[id] = verb
        if verb == "approve":
            pay(id)

    return app
