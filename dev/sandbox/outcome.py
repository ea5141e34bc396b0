"""What checks and tests came to."""

from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What a part of the tests came to."""

    passed: int = 0
    failed: int = 0
    details: list[str] = field(default_factory=list)

    def __add__(self, other):
        return Outcome(
            self.passed + other.passed,
            self.failed + other.failed,
            self.details + other.details,
        )

    @classmethod
    def failure(cls, detail):
        """Return the outcome of one failed check."""
        return cls(failed=1, details=[detail])

    @classmethod
    def of(cls, check, offences):
        """Return the outcome of a check that found these offences."""
        if not offences:
            return cls(passed=1)
        title = check.__doc__.partition("\n")[0]
        return cls.failure("\n".join([title, *offences]))
