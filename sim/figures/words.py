"""What pictures say, in English and Chinese; `say` speaks the language that the picture is drawn in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sim.results import wording

LANGUAGES = ("en", "zh")
_language: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything said inside is said in this language."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def chinese() -> bool:
    """Whether the picture is drawn in Chinese."""
    return _language.get() == "zh"


def say(text: str, **values: Any) -> str:
    """A phrase in the language of the picture; KeyError if it has not been translated."""
    return (PHRASES[text] if chinese() else text).format(**values)


def either(english: str, zh: str) -> str:
    """A text in the language of the picture; in English where there is no Chinese one."""
    return (chinese() and zh) or english


def metric(name: str) -> str:
    """A metric in words."""
    english, zh = METRICS.get(name, ("", ""))
    return either(english or name.replace("_", " "), zh)


def parameter(path: str, given: Mapping[str, str] | None = None) -> str:
    """A parameter or lever in words: as the experiment names it, else as it is named here, else its path."""
    english, zh = PARAMETERS.get(path, ("", ""))
    return either(english or path, (given or {}).get(path) or zh)


def grade(name: str) -> str:
    """A grade of evidence in words."""
    return say(GRADES.get(name, name))


def month_of(month: str) -> str:
    """One month."""
    return window(month, month)


def sentence(text: str) -> str:
    """A text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def comma() -> str:
    """What parts the items of a list."""
    return "、" if chinese() else ", "


def space(sign: str = "") -> str:
    """What stands between sentences, or after a sign between clauses."""
    return {"": "", ";": "；"}[sign] if chinese() else f"{sign} "


def window(start: str, end: str) -> str:
    """Months from one to another."""
    if not chinese():
        return wording.window(start, end)
    (y0, m0), (y1, m1) = ((int(part) for part in month.split("-")) for month in (start, end))
    if start == end:
        return f"{y0}年{m0}月"
    if (m0, m1) == (1, 12):
        return f"{y0}年" if y0 == y1 else f"{y0}至{y1}年"
    return f"{y0}年{m0}月至{m1}月" if y0 == y1 else f"{y0}年{m0}月至{y1}年{m1}月"


GRADES = {"H": "read in a source", "M": "read, transferred", "L": "judgement near a source", "assumption": "assumed"}

PHRASES = {
    # grades of evidence
    "read in a source": "有直接来源",
    "read, transferred": "来源经移用",
    "judgement near a source": "据来源判断",
    "assumed": "假设",
    # units
    "number": "个数",
    "yuan": "元",
    "share": "占比",
    # footers
    "Experiment {origin} · seed {seed} · redraw with: {command}": "实验 {origin} · 随机种子 {seed} · 重绘命令：{command}",
    "Experiment {origin} · seed {seed}": "实验 {origin} · 随机种子 {seed}",
    "Simulated, not observed: one agent per counted organisation{scale}, with synthetic attributes; "
    "nothing below the zone is measured.": "模拟结果，非观测：每个计入的机构对应一个主体{scale}，属性为合成；区以下均无实测。",
    " at scale {scale}": "（规模{scale}）",
    # paired effects
    "{arm} is what the others are held against. Paired differences under the same random numbers, {pairs} pairs; "
    "line and dot: mean; band and bar: 90 % interval of the mean.":
        "以“{arm}”为对照。相同随机数下的配对差，共{pairs}对；线与点为均值，色带与横线为均值的90%区间。",
    "Hollow: unresolved, the interval holds 0.": "空心：未分辨，区间含0。",
    "Runs that failed: {count}; their pairs are left out.": "{count}次运行失败，其配对未计入。",
    "{metric}, since the start": "{metric}，自期初累计",
    "{metric}, at the end of the month": "{metric}，月末值",
    "{where}, {when}": "{where}，{when}",
    "difference, {unit}": "差值，{unit}",
    "No arm changes this: exactly 0 in every pair": "各方案均无变化：每对差值恰为0",
    "no pair is complete": "无完整配对",
    "Order resolved at every step.": "排序每一步均可分辨。",
    "{count} of {steps} steps of the order are unresolved.": "排序的{steps}步中有{count}步未分辨。",
    "no difference: exactly 0 in every replicate": "无差异：每次重复差值恰为0",
    "First difference of any metric in {month}.": "各指标中最早的差异出现在{month}。",
    "Nothing differs in any month.": "各月均无差异。",
    "Exactly the same in every replicate: {metrics}.": "每次重复完全相同：{metrics}。",
    "What {b} changes against {a}": "{b}相对{a}有何改变",
    "Paired differences under the same random numbers, {pairs} pairs. Dark: {level} % interval of the mean; "
    "light: {level} % of replicates.": "相同随机数下的配对差，共{pairs}对。深色：均值的{level}%区间；浅色：{level}%的重复。",
    "A: {a} · B: {b} · seed {seed} · redraw with: jjj compare A B": "A：{a} · B：{b} · 随机种子 {seed} · 重绘命令：jjj compare A B",
    "the results share none of these metrics": "两个结果没有共同的这些指标",
    "whole region: {what}": "全区域：{what}",
    "by zone, {when}": "分区，{when}",
    # small multiples and maps
    "{metric} by city: difference from {arm}, {how}": "分城市的{metric}：与“{arm}”之差，{how}",
    "since the start": "自期初累计",
    "at the end of the month": "月末值",
    "Each panel has its own scale. Line: mean of {pairs} pairs; band: 90 % interval of the mean.":
        "各图纵轴不同。线：{pairs}对的均值；色带：均值的90%区间。",
    "The {count} arms that change most are drawn; the others change less.": "只画变化最大的{count}个方案，其余变化更小。",
    "exactly 0": "恰为0",
    "{metric}: where it differs from {arm}": "{metric}：与“{arm}”相比的差异所在",
    "{when}; mean of {pairs} pairs by zone. Hatched: unresolved, the 90 % interval holds 0.":
        "{when}；各区{pairs}对的均值。斜线：未分辨，90%区间含0。",
    # grids
    "Sweep over {paths}. Replicates of each point: {count}, the same seeds at every point; {how}.":
        "遍历{paths}。每点{count}次重复，各点随机种子相同；{how}。",
    "line: mean; dark: 90 % interval of the mean; light: 90 % of replicates": "线：均值；深色：均值的90%区间；浅色：90%的重复",
    "mean of the replicates in each cell": "每格为重复的均值",
    " and ": "与",
    "failed": "失败",
    "no run gave a value": "没有运行给出数值",
    # screening
    "Morris: {trajectories} trajectories; replicates of each point: {replicates}. Bar: mean size of the effect of moving a "
    "number through its prior; whisker: 90 % interval; tick: mean with its sign.":
        "Morris法：{trajectories}条轨迹，每点{replicates}次重复。条：数值在先验内移动的平均影响幅度；须线：90%区间；短竖线：带符号均值。",
    "Dashed: what a dummy would show that only lets chance fall otherwise.": "虚线：仅改变偶然性的虚设参数会显示的幅度。",
    "{count} smaller not shown": "另有{count}项更小，未画",
    "effect, {unit}": "影响，{unit}",
    "Nothing moves this outcome.": "没有数值影响此结果。",
    "evidence: {grade}": "依据：{grade}",
    "{name} comes first in {share} % of resamples.": "“{name}”在{share}%的重抽样中居首。",
    "Which comes first is unresolved ({name} in {share} % of resamples).": "何者居首未分辨（“{name}”占重抽样的{share}%）。",
    "{count} of {many} stand out from chance.": "{many}项中{count}项高于偶然性。",
    # Sobol' indices
    "Sobol' indices from {blocks} blocks; replicates of each point: {replicates}. Dark: alone; light: with all interactions; "
    "whisker: 90 % interval. Dummy: a number that does nothing; chance: what the replicates leave.":
        "Sobol'指数，{blocks}组，每点{replicates}次重复。深色：单独作用；浅色：含全部交互；须线：90%区间。虚设：不起作用的数值；偶然：重复次数未消除的部分。",
    "share of variance": "方差占比",
    "dummy": "虚设",
    "chance": "偶然",
    "Converged.": "已收敛。",
    "Not converged: widest interval {width}; about {needed} blocks are needed.": "未收敛：最宽区间{width}；约需{needed}组。",
    "Nothing varies: the outcome is the same at every point.": "无变化：各点结果相同。",
    "What the results rest on: measured numbers or assumptions": "结果取决于什么：实测数值还是假设",
    "Share of each outcome's variance that goes with the numbers of a grade of evidence alone, all of a grade moved "
    "together; bar: 90 % interval, as far as the panel reaches. Across: priors of judgement half as wide, as declared, "
    "twice as wide. Blocks: {blocks}.":
        "各证据等级的数值（同级一起变动）单独所占的结果方差比例；竖线：90%区间，以图幅为限。横向：判断类先验的宽度减半、如声明、加倍。组数：{blocks}。",
    "half as wide": "减半",
    "as declared": "如声明",
    "twice as wide": "加倍",
    "variance x {factor}": "方差×{factor}",
    "not yet computed": "尚未计算",
}  # fmt: skip

METRICS = {
    "achievements_born": ("Achievements born", "产生的科技成果"),
    "achievements_offered": ("Achievements offered", "推出的科技成果"),
    "contracts_service": ("Service contracts", "技术服务合同"),
    "contracts_outside": ("Service contracts outside the region", "区域外技术服务合同"),
    "contracts_yuan": ("Value of service contracts", "技术服务合同额"),
    "deals": ("Achievement deals", "成果转化交易"),
    "deals_brokered": ("Brokered deals", "推广中心促成的交易"),
    "deals_yuan": ("Value of achievement deals", "成果交易额"),
    "deals_outside": ("Achievements sold outside the region", "区域外出售的成果"),
    "deals_unfunded": ("Deals without funds", "因缺资金未成的交易"),
    "introductions": ("Introductions by the centre", "推广中心的撮合"),
    "branches_opened": ("Branches opened", "新设分支机构"),
    "branches_expected": ("Branches expected", "预期新设分支机构"),
    "branches_closed": ("Branches closed", "关闭的分支机构"),
    "branches_elsewhere": ("Branches opened elsewhere", "全国其他地区新设分支"),
    "branches_relocated": ("Branches that relocate an activity", "迁移型新设分支"),
    "branches_diverted": ("Branches diverted by parks", "被园区分流的分支"),
    "branch_capital_pledged_yuan": ("Branch capital subscribed", "分支认缴资本"),
    "branch_capital_paid_yuan": ("Branch capital paid in", "分支实缴资本"),
    "programmes_pledged": ("Park programmes pledged", "园区签约项目"),
    "programmes_pledged_yuan": ("Park programmes pledged", "园区签约投资额"),
    "programmes_drawn_yuan": ("Park programmes drawn", "园区到位投资额"),
    "enterprises_entered": ("Enterprises founded at the source", "源地新设企业"),
    "enterprises_left": ("Enterprises closed at the source", "源地退出企业"),
    "manufacturers_entered": ("Manufacturers founded", "新设制造企业"),
    "manufacturers_left": ("Manufacturers closed", "退出制造企业"),
    "developments_started": ("Developments started", "启动的成果开发"),
    "developments_failed": ("Developments failed", "失败的成果开发"),
    "developments_unfunded": ("Developments without funds", "因缺资金放弃的开发"),
    "development_yuan": ("Cost of development", "开发费用"),
    "technologies_launched": ("Technologies launched", "投产的技术"),
    "adoptions": ("Adoptions", "技术采用"),
    "adoption_yuan": ("Cost of adoption", "采用费用"),
    "ventures_founded": ("Ventures founded", "新创企业"),
    "ventures_closed": ("Ventures closed", "退出的新创企业"),
    "investments": ("Venture investments", "风险投资笔数"),
    "investments_yuan": ("Venture equity paid", "风险投资额"),
    "needs": ("Needs for money", "融资需求"),
    "needs_yuan": ("Money lacked", "资金缺口"),
    "needs_met": ("Needs for money that were met", "得到满足的融资需求"),
    "financed_yuan": ("Money provided along the chain", "金融链提供的资金"),
    "debts_defaulted": ("Debts defaulted", "违约债务"),
    "taxes_yuan": ("Taxes paid", "缴纳税款"),
    "taxes_shared_yuan": ("Taxes shared", "共享税款"),
    "joint_projects": ("Joint R&D projects", "联合研发项目"),
    "talent_moved": ("Researchers who moved", "流动的科研人员"),
    "public_cost_yuan": ("Public cost", "财政成本"),
    "branches_alive": ("Branches alive", "存续分支机构"),
    "branches_in_parks": ("Branches in parks", "园区内分支机构"),
    "platform_members": ("Members of the platform", "平台成员"),
    "needs_registered": ("Registered needs", "登记的技术需求"),
    "achievements_on_shelf": ("Achievements on the shelf", "待转化成果"),
    "enterprises_alive": ("Enterprises alive at the source", "源地存续企业"),
    "manufacturers_alive": ("Manufacturers alive", "存续制造企业"),
    "sales_yuan": ("Sales of manufacturers", "制造业销售额"),
    "ventures_alive": ("Ventures alive", "存续新创企业"),
    "technologies": ("Technologies launched so far", "累计投产技术"),
    "adopters": ("Manufacturers with a technology", "已采用技术的制造企业"),
    "absorption": ("Absorptive capacity", "吸收能力"),
    "spillover": ("Knowledge spillover", "知识溢出"),
    "knowledge_yuan": ("Stock of knowledge", "知识存量"),
    "environment": ("Environment of innovation", "创新环境"),
    "developments_orphaned": ("Developments that ended with their buyer", "随企业退出的开发"),
    "adoptions_unfunded": ("Adoptions without funds", "因缺资金放弃的采用"),
    "adoptions_waiting": ("Adoptions waiting for money", "待资金的采用"),
    "loans_defaulted_yuan": ("Loans defaulted", "违约贷款额"),
    "leases_defaulted_yuan": ("Leases defaulted", "违约租赁额"),
    "campaigns_met": ("Crowd-funding campaigns that reached their sum", "成功的众筹"),
    "joint_yuan": ("Spending on joint R&D", "联合研发支出"),
    "capital_to_source_yuan": ("Capital invested in the source", "投向源地的资本"),
    "rents_yuan": ("Rents of parks", "园区租金"),
    "dividends_yuan": ("Dividends of branches", "分支分配的资金"),
    "debts": ("Debts", "债务笔数"),
    "debts_yuan": ("Debts outstanding", "债务余额"),
    "debtors": ("Firms in debt", "债务企业"),
    "developments_alive": ("Developments under way", "开发中的成果"),
    "branches_observed": ("Branches as the record counts them", "观测的分支机构"),
    "achievements_observed": ("Achievements as the record counts them", "观测的科技成果"),
}

PARAMETERS = {
    "arm": ("policy", "方案"),
    "populations.size_sigma": ("spread of firm sizes", "企业规模离散度"),
    "populations.tail_alpha": ("tail of firm sizes", "企业规模尾指数"),
    "research.births": ("achievements born a year", "年产生成果数"),
    "research.obsolescence": ("obsolescence of achievements", "成果过时率"),
    "research.offered": ("share of achievements offered", "成果推出比例"),
    "exchange.travel_elasticity": ("deals: travel-time elasticity", "交易：行程时间弹性"),
    "exchange.optimum_base": ("optimal cognitive distance", "最优认知距离"),
    "exchange.optimum_slope": ("rise of that optimum", "最优距离随吸收能力之升幅"),
    "exchange.fit_width": ("width of cognitive fit", "认知匹配宽度"),
    "exchange.price_growth": ("growth of prices", "价格增速"),
    "exchange.value_sigma": ("spread of deal values", "交易额离散度"),
    "location.founding.walk": ("walk of the founding hazard", "设立风险率游走"),
    "location.choice.wage": ("location: pull of low wages", "选址：低工资吸引"),
    "location.choice.agglomeration": ("location: agglomeration", "选址：集聚"),
    "location.branch.subsidiary_share": ("share of subsidiaries", "子公司占比"),
    "location.branch.capital_mean": ("mean capital of branches", "分支平均资本"),
    "location.branch.capital_sigma": ("spread of branch capital", "分支资本离散度"),
    "location.branch.exit_scale": ("branch exit", "分支退出率"),
    "location.programme.amount_mean": ("mean park programme", "园区项目平均额"),
    "location.programme.amount_sigma": ("spread of park programmes", "园区项目离散度"),
    "location.programme.started": ("share of programmes started", "项目开工比例"),
    "location.programme.realised": ("share of pledges realised", "签约到位比例"),
    "location.programme.draw_months": ("months to draw a programme", "项目到位月数"),
    "finance.loan.default_rate": ("loan default rate", "贷款违约率"),
    "finance.loan.loss": ("loss given default", "违约损失率"),
    "finance.ip_pledge.loan_to_value": ("IP pledge: loan to value", "知识产权质押率"),
    "demography.growth_sigma": ("spread of firm growth", "企业增长离散度"),
    "diffusion.development.success": ("success of a stage", "单阶段成功率"),
    "diffusion.adoption.innovation": ("adoption: innovation p", "采用：创新系数p"),
    "diffusion.adoption.imitation": ("adoption: imitation q", "采用：模仿系数q"),
    "diffusion.spillovers.half_distance": ("spillover half-distance", "溢出半衰距离"),
    "diffusion.spillovers.depreciation": ("depreciation of knowledge", "知识折旧率"),
    "diffusion.spillovers.elasticity": ("elasticity of spillover", "溢出弹性"),
    "levels.branch_hazard": ("level of branch births", "分支设立水平"),
    "border.penalty": ("border penalty", "行政边界阻力"),
    "platform.capacity": ("capacity of the promotion centre", "推广中心容量"),
    "platform.date": ("start of the platform", "平台启用时间"),
    "transport.rail": ("high-speed rail", "高铁"),
}

NAMES = {**METRICS, **PARAMETERS}
