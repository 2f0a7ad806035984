"""`manage.py demo`: the demo channel into an empty database; doing it twice changes nothing."""

from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import Refused
from portal.demo import build
from portal.demo.build import ORDERS, SEED


class Command(BaseCommand):
    help = "Build the demo channel: 80 invented partners and twelve months of business"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--orders", type=int, default=ORDERS, help="how many orders the feed has")
        parser.add_argument("--seed", type=int, default=SEED, help="another number makes another year")

    def handle(self, *_args: Any, orders: int, seed: int, **_options: Any) -> None:
        began = monotonic()

        def say(text: str) -> None:
            self.stdout.write(f"[{monotonic() - began:5.1f} s] {text}")
            self.stdout.flush()

        try:
            built = build(now=timezone.now(), orders=orders, seed=seed, say=say)
        except Refused as error:
            raise CommandError(str(error)) from error
        say("the demo channel is ready" if built else "the demo channel is there already; nothing was changed")
