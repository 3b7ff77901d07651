"""Money from outside the firm: the instruments of the chain, who offers them, and on which terms (model.md 4.11)."""

from __future__ import annotations

from sim.core.dates import DatedPath
from sim.core.params import Section, quantity

COCHRANE = "Cochrane, it.scribd.com/document/52402376"
CBRC = "non-performing loans of small firms 3-4 %: m.ming7.cn/bizchina/2015-05/08/content_20661939.htm (CBRC)"
ACCESS = (
    "loans at 7 % of firms below 100 m yuan of income, 3 % below 20 m: "
    "covid-19.chinadaily.com.cn/beijing/2014-05/29/content_17552361.htm"
)
BENCHMARK = "benchmark lending rate of one year, People's Bank of China: 6.00 % until Nov 2014, 4.35 % from Oct 2015"
POOL = "losses of banks with 1 to 3 % of bad loans, one city: m.szkaixx.com/content/2015-06/18/content_11114175.htm"
CROWD = "11.4 bn yuan over 49,242 projects: uschina.org/articles/better-together-the-potential-of-crowdfunding-in-china"
LEASE = "chinadaily.com.cn/m/beijing/zhongguancun/2014-12/05/content_19652288.htm"
FIRST_SET = "first sets of equipment: cnfina.com/economy/20150304_71711.html"


class Investment(Section):
    """Venture equity: limited partners pay funds, funds buy stakes, stakes end in a sale or in nothing."""

    funds: int = quantity(60, "count", low=0, high=10_000, source="assumption", grade="assumption")
    "Venture funds; their number does not scale."
    deals: float = quantity(180.0, "count/year", low=0, source="assumption", grade="assumption")
    "Investments in ventures that the funds' yearly powder pays for on average, at scale 1 and a lever of 1."
    round_mean: float = quantity(38.4, "m yuan", low=0.01, high=10_000, source="fact:E26", grade="M")
    "Mean size of an investment."
    round_sigma: float = quantity(1.3, "log", low=0, high=3, source="assumption", grade="L")
    "Log standard deviation of the size of an investment."
    asking: float = quantity(0.05, "/month", low=0, high=1, source="assumption", grade="assumption")
    "Monthly chance that a venture without outside equity asks for it."
    distance: float = quantity(0.5, "1", low=0, high=3, source="assumption", grade="L")
    "Elasticity of approval to travel time from the fund's seat."
    approval: float = quantity(0.0, "log odds", low=-10, high=10, source="assumption", grade="assumption")
    "Log odds that a request of median quality next door is approved, while powder lasts."
    return_mean: float = quantity(0.15, "/year", low=-2, high=2, source=COCHRANE, grade="M")
    "Mean of the yearly log return."
    return_sigma: float = quantity(0.89, "/year", low=0, high=3, source=COCHRANE, grade="M")
    "Standard deviation of the yearly log return."
    exit_rate: float = quantity(
        0.14, "/year", low=0, high=5, source="9 % listed + 26 % acquired: asianentrepreneur.org/venture-capital-worth",
        grade="M", note="the shares over about three years",
    )  # fmt: skip
    "Rate at which a stake is sold."
    programme_share: float = quantity(0.1, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of a programme's draw that funds pay while powder lasts, out of the outside investors' part."


class Loan(Section):
    """Bank loans, repaid as an annuity; what banks may lend in a month is shared by all that banks lend."""

    banks: int = quantity(20, "count", low=0, high=1000, source="assumption", grade="assumption")
    "Banks; their number does not scale."
    quota: float = quantity(18_000.0, "m yuan/year", low=0, source="assumption", grade="assumption")
    "New lending of all banks in a year, at scale 1 and a lever of 1; a twelfth of it each month."
    spread: float = quantity(
        0.0143, "/year", low=-0.05, high=0.5, grade="M",
        source="5.78 % for small firms, read.oecd.org/10.1787/31f5c0a1-en, less the benchmark of 4.35 %",
    )  # fmt: skip
    "What a loan costs above the benchmark."
    months: int = quantity(24, "month", low=1, high=360, source="assumption", grade="assumption")
    "Months over which it is repaid."
    default_rate: float = quantity(0.03, "share", low=0, high=1, source=CBRC, grade="M", prior="Beta(mean .03, sd .01)")
    "Share of debts that default within a year, beyond insolvency (PD)."
    loss: float = quantity(0.55, "share", low=0, high=1, source="assumption", grade="L", prior="Beta(mean .55, sd .15)")
    "Share of what is outstanding that a default loses (LGD)."
    approval: float = quantity(-2.2, "log odds", low=-20, high=20, source="assumption", grade="assumption")
    "Log odds that a firm of mean size is found fit for a loan, for each project once (c_l)."
    size: float = quantity(0.5, "1", low=-5, high=5, source=ACCESS, grade="L")
    "Response of these log odds to the logarithm of the firm's size."
    coverage: float = quantity(0.5, "share", low=0, high=10, source="assumption", grade="assumption")
    "Share of a firm's margin net of R&D that all its instalments together may take."
    smallest: float = quantity(0.02, "m yuan", low=0, source="assumption", grade="assumption")
    "Smallest loan that is worth a bank's while."
    largest: float = quantity(50.0, "m yuan", low=0, source="assumption", grade="assumption")
    "Largest loan to one project in a month."
    held_at_start: float = quantity(0.14, "share", low=0, high=1, source=ACCESS, grade="M")
    "Share of firms of mean size that hold a loan in the first month; in the larger ones more."
    workout: int = quantity(15, "month", low=1, high=360, source="assumption", grade="assumption")
    "Months for which a defaulted debt stays among a lender's bad loans, on average."
    pool_above: float = quantity(0.01, "share", low=0, high=1, source=POOL, grade="M")
    "Share of bad loans above which a risk pool bears its part of a bank's loss."
    pool_up_to: float = quantity(0.03, "share", low=0, high=1, source=POOL, grade="M")
    "Share of bad loans beyond which it does so no more."
    equity: float = quantity(0.125, "share", low=0, high=1, source="assumption", grade="assumption")
    "Equity that banks keep, of what is lent; above it they pay out a twelfth a month."
    payout: float = quantity(1 / 12, "/month", low=0, high=1, source="assumption", grade="assumption")
    "Share of the equity above its target that banks, insurers and lessors pay out in a month."


class Insurance(Section):
    """Insured loans: an insurer covers part of the bank's loss, so more are approved, against a premium."""

    insurers: int = quantity(5, "count", low=0, high=1000, source="assumption", grade="assumption")
    "Insurers; their number does not scale."
    quota: float = quantity(4000.0, "m yuan/year", low=0, source="assumption", grade="assumption")
    "New sums insured in a year, at scale 1."
    cover: float = quantity(0.8, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of the bank's loss that is insured."
    load: float = quantity(0.3, "share", low=-1, high=10, source="assumption", grade="assumption")
    "Premium above the expected claim."
    cap: float = quantity(0.03, "/year", low=0, high=1, source=FIRST_SET, grade="H")
    "Highest premium, of what is outstanding."
    subsidy_months: int = quantity(36, "month", low=0, high=360, source=FIRST_SET, grade="H")
    "Months for which government pays its share of the premium."
    approval: float = quantity(-1.9, "log odds", low=-20, high=20, source="assumption", grade="assumption")
    "Log odds that a firm of mean size is found fit for an insured loan."
    smallest: float = quantity(0.02, "m yuan", low=0, source="assumption", grade="assumption")
    "Smallest loan that is insured."
    largest: float = quantity(
        7.0, "m yuan", low=0, source="mean of 2.44 m: ccv168.com/xindaizhishi/29812.html (113 firms)", grade="L"
    )
    "Largest loan that is insured."
    reserve: float = quantity(0.05, "share", low=0, high=1, source="assumption", grade="assumption")
    "Reserve that insurers keep, of the sums insured."
    reinsured: float = quantity(0.1, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of the premiums that insurers pay for reinsurance, which covers what their reserve does not."


class Leasing(Section):
    """Finance leases: the lessor buys the equipment from the lessee, who rents it (sale and lease-back)."""

    lessors: int = quantity(5, "count", low=0, high=1000, source="assumption", grade="assumption")
    "Lessors; their number does not scale."
    quota: float = quantity(6000.0, "m yuan/year", low=0, source="assumption", grade="assumption")
    "Equipment bought for leasing in a year, at scale 1."
    rate: float = quantity(0.085, "/year", low=0, high=1, source=LEASE, grade="H")
    "What a lease costs, all in."
    months: int = quantity(30, "month", low=1, high=360, source=f"24 to 36: {LEASE}", grade="H")
    "Months of rent."
    loss: float = quantity(0.4, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of what is outstanding that is lost when equipment is repossessed and sold."
    approval: float = quantity(0.0, "log odds", low=-20, high=20, source="assumption", grade="assumption")
    "Log odds that a firm of mean size is found fit for a lease."
    smallest: float = quantity(5.5, "m yuan", low=0, source=f"mean of 19.1 m: {LEASE}", grade="L")
    "Smallest lease that is worth a lessor's while."
    largest: float = quantity(100.0, "m yuan", low=0, source="assumption", grade="assumption")
    "Largest lease of one project in a month."
    held_at_start: float = quantity(0.005, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of manufacturers that rent equipment in the first month."
    refinancing: float = quantity(0.01, "/year", low=-0.05, high=0.5, source="assumption", grade="assumption")
    "What banks ask of lessors above the benchmark."
    equity: float = quantity(0.1, "share", low=0, high=1, source="assumption", grade="assumption")
    "Equity that lessors keep, of what is leased."


class IpPledge(Section):
    """Loans against patents: a share of what they are appraised at; a default gives the bank patents to resell."""

    loan_to_value: float = quantity(
        0.3, "share", low=0, high=1, source="assumption", grade="L", prior="Uniform(.2, .4)"
    )
    "Loan for each yuan that the patents are appraised at."
    portfolio: float = quantity(3.0, "year", low=0, high=50, source="assumption", grade="assumption")
    "Value of a firm's own patents, in years of its spending on R&D."
    resale: float = quantity(0.15, "share", low=0, high=1, source="assumption", grade="assumption")
    "What pledged patents bring when they are resold, of what they were appraised at."
    spread: float = quantity(0.02, "/year", low=-0.05, high=0.5, source="assumption", grade="assumption")
    "What such a loan costs above the benchmark, appraisal included."
    months: int = quantity(24, "month", low=1, high=360, source="assumption", grade="assumption")
    "Months over which it is repaid."
    approval: float = quantity(-1.0, "log odds", low=-20, high=20, source="assumption", grade="assumption")
    "Log odds that the patents of a firm of mean size are accepted."
    smallest: float = quantity(
        4.0, "m yuan", low=0, source="mean of 11.1 m in 2009: cnipol.com/Index/show/catid/37/id/1513.html", grade="L"
    )
    "Smallest loan for which patents are appraised."
    largest: float = quantity(100.0, "m yuan", low=0, source="assumption", grade="assumption")
    "Largest loan against patents to one project in a month."


class WorkingCapital(Section):
    """Firms borrow what carries their outlays over the months for which they hold cash."""

    asking: float = quantity(0.03, "/month", low=0, high=1, source="assumption", grade="assumption")
    "Monthly chance that a firm whose margin exceeds its R&D asks."


class Crowdfunding(Section):
    """Small sums of many backers: all or nothing, once in a venture's life, through a member of the alliance."""

    campaigning: float = quantity(0.05, "/month", low=0, high=1, source="assumption", grade="assumption")
    "Monthly hazard that a venture begins its one campaign."
    target_mean: float = quantity(
        0.23, "m yuan", low=1e-4, high=1000, grade="M",
        source=CROWD,
    )  # fmt: skip
    "Mean sum that a campaign asks for."
    target_sigma: float = quantity(0.8, "log", low=0, high=3, source="assumption", grade="assumption")
    "Its log standard deviation."
    backers: float = quantity(130.0, "count/month", low=0, high=1e6, source="assumption", grade="assumption")
    "Backers of a campaign expected in a month, at the reference number of members (lambda)."
    months: int = quantity(3, "month", low=1, high=60, source="assumption", grade="assumption")
    "Months of a campaign (T)."
    members: float = quantity(57.0, "count", low=1, high=1e6, source="fact:A06", grade="H")
    "Members of the alliance to which the backers refer."
    elasticity: float = quantity(0.5, "elasticity", low=-5, high=5, source="assumption", grade="assumption")
    "Elasticity of the backers to the number of members (eps)."
    pledge_mean: float = quantity(1000.0, "yuan", low=1, high=1e7, source="assumption", grade="assumption")
    "Mean pledge of a backer."
    pledge_sigma: float = quantity(1.0, "log", low=0, high=3, source="assumption", grade="assumption")
    "Its log standard deviation."
    fee: float = quantity(0.05, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of the sum raised that the member keeps as its fee."


class Profile(Section):
    """What one kind of request is made of: what is equipment can be leased, what is patents can be pledged."""

    equipment: float = quantity(0.0, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of the sum that buys equipment."
    patents: float = quantity(0.0, "share", low=0, high=1, source="assumption", grade="assumption")
    "Share of the sum that buys patents."


class Profiles(Section):
    """The requests that banks, insurers, lessors and the crowd look at, each with its profile."""

    offer: Profile = Profile(patents=0.8)
    "The price of an achievement bought directly."
    introduction: Profile = Profile(patents=0.8)
    "The price of an achievement that the promotion centre introduced."
    agreement: Profile = Profile(patents=0.8)
    "The price of an achievement whose deal waits for money."
    branch_capital: Profile = Profile(equipment=0.6)
    "Capital of a branch that its parent cannot pay."
    programme_draw: Profile = Profile(equipment=0.6)
    "The parent's part of a programme's draw."
    stage: Profile = Profile(equipment=0.5, patents=0.3)
    "A stage of industrialisation."
    adoption: Profile = Profile(equipment=0.8)
    "The equipment of an adopter."
    working_capital: Profile = Profile()
    "Cash below what owners leave in a firm."


class Finance(Section):
    """The chain: investment, loan, insurance, leasing, intellectual property, and the crowd."""

    benchmark: DatedPath = quantity(
        DatedPath((("2013-01", 0.06), ("2014-11", 0.06), ("2015-10", 0.0435))), "/year", low=0, high=1,
        source=BENCHMARK, grade="M", note="the six cuts between are drawn as a line",
    )  # fmt: skip
    "Rate to which loans refer, linear between the dates given."
    reach: dict[str, DatedPath] = quantity({}, "share", source="assumption", grade="assumption")
    "Share of the needs of each administration that the chain serves, over dates; all of them where none is given."
    patience: int = quantity(6, "month", low=0, high=120, source="assumption", grade="assumption")
    "Months for which an agreed deal waits for its money before it is dropped."
    investment: Investment = Investment()
    "Venture equity."
    loan: Loan = Loan()
    "Bank loans."
    insurance: Insurance = Insurance()
    "Insured bank loans."
    leasing: Leasing = Leasing()
    "Finance leases."
    ip_pledge: IpPledge = IpPledge()
    "Bank loans against patents."
    crowdfunding: Crowdfunding = Crowdfunding()
    "Campaigns of ventures, through the alliance."
    working_capital: WorkingCapital = WorkingCapital()
    "Requests of firms that are short of cash."
    needs: Profiles = Profiles()
    "What is asked for, by kind of request."
