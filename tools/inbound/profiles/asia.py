"""Providers of East Asia."""

import re

from .profile import Profile

NAVER = Profile(
    code="naver",
    accounts=("naver.com", "worksmobile.com"),
    chain=("nm.naver.com", "naver.com"),
    edge=re.compile(r"^crcvmail[\w.-]*\.naver\.com(?: |\Z)"),
    authserv_ids=("naver.com",),
)
NETEASE = Profile(
    code="netease",
    accounts=("163.com", "126.com", "yeah.net", "ym.163.com", "188.com"),
    chain=("163.com", "126.com"),
    # Machines without a domain: `by mx57 (Coremail)`, `by gzga-mx-mtada-4 (Coremail)`.
    hosts=re.compile(r"(?:mx\d+|[\w-]+-mx-[\w-]+|m\d+-\d+)\Z"),
    edge=re.compile(r" \(coremail"),
    results_below=True,
)
# Its results stand right below its line.
TENCENT = Profile(
    code="tencent",
    accounts=("qq.com", "foxmail.com", "exmail.qq.com"),
    chain=("qq.com",),
    edge=re.compile(r"\.qq\.com \(newmx"),
    authserv_ids=("mx.qq.com",),
    results_below=True,
)
