"""Keyed draws: a number is a function of *what* it decides, never of who computes it or in which order.

    bits = Philox4x32-10(key = H(seed, replicate, epoch), counter = (entity, step and draw, purpose))

There is no state: nothing to checkpoint, any order, any number of workers, and two policies share their
randomness by construction. Philox: Salmon et al. (2011), "Parallel random numbers: as easy as 1, 2, 3";
the published Random123 vectors are a test. Every variate is one inverse CDF, monotone in its uniform;
every choice among many is a race of keyed exponentials, so that a change of one alternative's weight moves
only choices towards it or away from it (equal in law to keyed Gumbel races).
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

from sim.core.compiled import inlined, kernel

EPOCH = 1  # raised when the meaning of a draw changes, so that old and new runs cannot be mixed up

_declared: dict[str, int] = {}


def purpose(name: str) -> np.uint32:
    """Declare what a draw decides, once; two names with one code, or one name twice, are refused."""
    code = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "little")
    if name in _declared:
        raise ValueError(f"the purpose {name!r} is declared twice")
    if code in _declared.values():
        raise ValueError(f"the purpose {name!r} has the code of another one: rename it")
    _declared[name] = code
    return np.uint32(code)


def purposes() -> dict[str, int]:
    """All purposes declared so far, with their codes."""
    return dict(_declared)


def run_key(seed: int, replicate: int) -> np.uint64:
    """The key of one run: it knows seed and replicate, but nothing of the scenario (common random numbers)."""
    text = f"{EPOCH}:{seed}:{replicate}".encode()
    return np.uint64(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little"))


@inlined
def philox(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Philox4x32-10 on 32-bit words held in uint64."""
    low = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    m0 = np.uint64(0xD2511F53)
    m1 = np.uint64(0xCD9E8D57)
    w0 = np.uint64(0x9E3779B9)
    w1 = np.uint64(0xBB67AE85)
    for _ in range(10):
        p0 = m0 * c0
        p1 = m1 * c2
        c0, c1, c2, c3 = (p1 >> shift) ^ c1 ^ k0, p1 & low, (p0 >> shift) ^ c3 ^ k1, p0 & low
        k0 = (k0 + w0) & low
        k1 = (k1 + w1) & low
    return c0, c1, c2, c3


@inlined
def _open_interval(high, low):  # type: ignore[no-untyped-def]
    """(k + 1/2) / 2^52, with k the first 52 of 64 bits: as the mantissa of a number in [1, 2), which needs no
    conversion of integers, for which common processors have no vector instruction."""
    mantissa = (high << np.uint64(20)) | (low >> np.uint64(12))
    return np.uint64(mantissa | np.uint64(0x3FF0000000000000)).view(np.float64) - 0.9999999999999999  # 1 - 2^-53


@inlined
def u01_pair(key, what, uid, step, draw):  # type: ignore[no-untyped-def]
    """Two independent uniforms in the open interval (0, 1), 52 bits each."""
    low = np.uint64(0xFFFFFFFF)
    key = np.uint64(key)
    uid = np.uint64(uid)
    index = ((np.uint64(step) & np.uint64(0xFFFF)) << np.uint64(16)) | (np.uint64(draw) & np.uint64(0xFFFF))
    a, b, c, d = philox(uid & low, uid >> np.uint64(32), index, np.uint64(what), key & low, key >> np.uint64(32))
    return _open_interval(a, b), _open_interval(c, d)


@inlined
def u01(key, what, uid, step, draw):  # type: ignore[no-untyped-def]
    """One uniform in the open interval (0, 1)."""
    return u01_pair(key, what, uid, step, draw)[0]


@inlined
def mix(a, b):  # type: ignore[no-untyped-def]
    """A 64-bit identity for an ordered pair: lineage of the newborn, or the pair that a draw belongs to."""
    x = np.uint64(a) ^ (np.uint64(b) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x632BE59BD9B4E019))
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@kernel
def pairs(a, b):  # type: ignore[no-untyped-def]
    """`mix` of two arrays, element by element."""
    out = np.empty(a.size, np.uint64)
    for i in range(a.size):
        out[i] = mix(a[i], b[i])
    return out


@kernel
def uniforms(key, what, uid, step, draw):  # type: ignore[no-untyped-def]
    """One uniform for each entity of an array."""
    out = np.empty(uid.size)
    for i in range(uid.size):
        out[i] = u01(key, what, uid[i], step, draw)
    return out


@kernel
def normal_quantile(u):  # type: ignore[no-untyped-def]
    """Inverse of the standard normal distribution function: Wichura (1988), algorithm AS 241, to 1e-16."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = (((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r
                   + 4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r
                + 1.3314166789178437745e2) * r + 3.3871328727963666080e0)  # fmt: skip
        bottom = (((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4) * r
                      + 2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2) * r
                   + 4.2313330701600911252e1) * r + 1.0)  # fmt: skip
        return q * top / bottom
    r = math.sqrt(-math.log(u if q < 0.0 else 1.0 - u))
    if r <= 5.0:
        r -= 1.6
        top = (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r
                   + 1.27045825245236838258e0) * r + 3.64784832476320460504e0) * r + 5.76949722146069140550e0) * r
                + 4.63033784615654529590e0) * r + 1.42343711074968357734e0)  # fmt: skip
        bottom = (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r
                       + 1.51986665636164571966e-2) * r + 1.48103976427480074590e-1) * r
                     + 6.89767334985100004550e-1) * r + 1.67638483018380384940e0) * r
                   + 2.05319162663775882187e0) * r + 1.0)  # fmt: skip
    else:
        r -= 5.0
        top = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3) * r
                   + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580e0) * r
                + 5.46378491116411436990e0) * r + 6.65790464350110377720e0)  # fmt: skip
        bottom = (((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r
                       + 1.84631831751005468180e-5) * r + 7.86869131145613259100e-4) * r
                     + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r
                   + 5.99832206555887937690e-1) * r + 1.0)  # fmt: skip
    x = top / bottom
    return -x if q < 0.0 else x


@kernel
def poisson_quantile(u, mean):  # type: ignore[no-untyped-def]
    """Smallest k with P(N <= k) >= u for a Poisson count.

    A large mean is summed from twelve standard deviations below it to twelve above, in units of the first term:
    exp(-mean) would underflow, and what lies beyond is less than 1e-30.
    """
    width = math.sqrt(mean)
    k = 0
    most = int(mean + 12.0 * width) + 40  # u within rounding of 1 would never be reached
    p = math.exp(-mean)
    if mean > 500.0:
        k = int(mean - 12.0 * width)
        p = 1.0
        whole = 0.0
        for j in range(k + 1, most + 1):
            whole += p
            p *= mean / j
        u *= whole
        p = 1.0
    total = p
    while total < u and k < most:
        k += 1
        p *= mean / k
        total += p
    return k


@kernel
def geometric_quantile(u, hazard):  # type: ignore[no-untyped-def]
    """Months until an event of constant monthly hazard, at least 1; "never" is a month beyond any run."""
    if hazard <= 0.0:
        return 30_000
    if hazard >= 1.0:
        return 1
    months = math.ceil(math.log(1.0 - u) / math.log1p(-hazard))
    return int(min(max(months, 1), 30_000))


@kernel
def normals(key, what, uid, step, draw):  # type: ignore[no-untyped-def]
    """One standard normal for each entity of an array."""
    out = np.empty(uid.size)
    for i in range(uid.size):
        out[i] = normal_quantile(u01(key, what, uid[i], step, draw))
    return out


@kernel
def poissons(key, what, uid, step, mean):  # type: ignore[no-untyped-def]
    """One Poisson count for each entity of an array, with its own mean."""
    u = uniforms(key, what, uid, step, 0)
    out = np.empty(uid.size, np.int64)
    for i in range(uid.size):
        out[i] = 0 if u[i] <= 1.0 - mean[i] else poisson_quantile(u[i], mean[i])  # exp(-m) >= 1 - m decides most
    return out


@kernel
def offspring(uid, count, first):  # type: ignore[no-untyped-def]
    """Row of the parent and identity of each newborn: `count[i]` of parent i, numbered from `first`."""
    total = count.sum()
    parent = np.empty(total, np.int64)
    born = np.empty(total, np.uint64)
    n = 0
    for i in range(uid.size):
        for k in range(count[i]):
            parent[n] = i
            born[n] = mix(uid[i], first + k)
            n += 1
    return parent, born


@kernel
def race(key, what, uid, step, weight):  # type: ignore[no-untyped-def]
    """Choose an alternative with probability weight / sum, each alternative with its own keyed exponential.

    Returns the index, or -1 if no weight is positive. The index is the identity of an alternative. Since
    -log(u) >= 1 - u, most logarithms need not be taken.
    """
    n = weight.size
    u = np.empty(n + 1)
    for pair in range((n + 1) // 2):
        u[2 * pair], u[2 * pair + 1] = u01_pair(key, what, uid, step, pair)
    best = -1
    best_time = np.inf
    for k in range(n):
        if weight[k] > 0 and 1.0 - u[k] < best_time * weight[k]:
            time = -math.log(u[k]) / weight[k]
            if time < best_time:
                best_time = time
                best = k
    return best


@kernel
def race_of(key, what, uid, step, uids, weight):  # type: ignore[no-untyped-def]
    """The same among entities, whose identity keys their draw: the place of the winner, whatever their order."""
    u = np.empty(uids.size)
    for k in range(uids.size):
        u[k] = u01(key, what, mix(uid, uids[k]), step, 0)
    best = -1
    best_time = np.inf
    for k in range(uids.size):
        if weight[k] > 0 and 1.0 - u[k] <= best_time * weight[k]:
            time = -math.log(u[k]) / weight[k]
            if time < best_time or (time == best_time and best >= 0 and uids[k] < uids[best]):
                best_time = time
                best = k
    return best


def priorities(key: np.uint64, what: np.uint32, uid: NDArray[np.uint64], step: int) -> NDArray[np.float64]:
    """A keyed priority for each entity, by which conflicts over one thing are settled (smallest first)."""
    result: NDArray[np.float64] = uniforms(key, what, uid, step, 0)
    return result
