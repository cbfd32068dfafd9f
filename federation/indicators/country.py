# SPDX-License-Identifier: Apache-2.0
"""Country codes: ISO 3166-1, two upper-case letters inside normal forms."""

from typing import Final

from federation.errors import NormalisationError
from federation.indicators.reasons import Reason

# ISO 3166-1 alpha-2 and alpha-3, with the user-assigned code that is in common use for Kosovo.
_CODES: Final = """
    AD AND  AE ARE  AF AFG  AG ATG  AI AIA  AL ALB  AM ARM  AO AGO  AQ ATA  AR ARG  AS ASM  AT AUT
    AU AUS  AW ABW  AX ALA  AZ AZE  BA BIH  BB BRB  BD BGD  BE BEL  BF BFA  BG BGR  BH BHR  BI BDI
    BJ BEN  BL BLM  BM BMU  BN BRN  BO BOL  BQ BES  BR BRA  BS BHS  BT BTN  BV BVT  BW BWA  BY BLR
    BZ BLZ  CA CAN  CC CCK  CD COD  CF CAF  CG COG  CH CHE  CI CIV  CK COK  CL CHL  CM CMR  CN CHN
    CO COL  CR CRI  CU CUB  CV CPV  CW CUW  CX CXR  CY CYP  CZ CZE  DE DEU  DJ DJI  DK DNK  DM DMA
    DO DOM  DZ DZA  EC ECU  EE EST  EG EGY  EH ESH  ER ERI  ES ESP  ET ETH  FI FIN  FJ FJI  FK FLK
    FM FSM  FO FRO  FR FRA  GA GAB  GB GBR  GD GRD  GE GEO  GF GUF  GG GGY  GH GHA  GI GIB  GL GRL
    GM GMB  GN GIN  GP GLP  GQ GNQ  GR GRC  GS SGS  GT GTM  GU GUM  GW GNB  GY GUY  HK HKG  HM HMD
    HN HND  HR HRV  HT HTI  HU HUN  ID IDN  IE IRL  IL ISR  IM IMN  IN IND  IO IOT  IQ IRQ  IR IRN
    IS ISL  IT ITA  JE JEY  JM JAM  JO JOR  JP JPN  KE KEN  KG KGZ  KH KHM  KI KIR  KM COM  KN KNA
    KP PRK  KR KOR  KW KWT  KY CYM  KZ KAZ  LA LAO  LB LBN  LC LCA  LI LIE  LK LKA  LR LBR  LS LSO
    LT LTU  LU LUX  LV LVA  LY LBY  MA MAR  MC MCO  MD MDA  ME MNE  MF MAF  MG MDG  MH MHL  MK MKD
    ML MLI  MM MMR  MN MNG  MO MAC  MP MNP  MQ MTQ  MR MRT  MS MSR  MT MLT  MU MUS  MV MDV  MW MWI
    MX MEX  MY MYS  MZ MOZ  NA NAM  NC NCL  NE NER  NF NFK  NG NGA  NI NIC  NL NLD  NO NOR  NP NPL
    NR NRU  NU NIU  NZ NZL  OM OMN  PA PAN  PE PER  PF PYF  PG PNG  PH PHL  PK PAK  PL POL  PM SPM
    PN PCN  PR PRI  PS PSE  PT PRT  PW PLW  PY PRY  QA QAT  RE REU  RO ROU  RS SRB  RU RUS  RW RWA
    SA SAU  SB SLB  SC SYC  SD SDN  SE SWE  SG SGP  SH SHN  SI SVN  SJ SJM  SK SVK  SL SLE  SM SMR
    SN SEN  SO SOM  SR SUR  SS SSD  ST STP  SV SLV  SX SXM  SY SYR  SZ SWZ  TC TCA  TD TCD  TF ATF
    TG TGO  TH THA  TJ TJK  TK TKL  TL TLS  TM TKM  TN TUN  TO TON  TR TUR  TT TTO  TV TUV  TW TWN
    TZ TZA  UA UKR  UG UGA  UM UMI  US USA  UY URY  UZ UZB  VA VAT  VC VCT  VE VEN  VG VGB  VI VIR
    VN VNM  VU VUT  WF WLF  WS WSM  XK XKX  YE YEM  YT MYT  ZA ZAF  ZM ZMB  ZW ZWE
"""
_PAIRS: Final = _CODES.split()
_ALPHA_2: Final = frozenset(_PAIRS[::2])
_ALIASES: Final = dict(zip(_PAIRS[1::2], _PAIRS[::2], strict=True)) | {"UK": "GB", "EL": "GR"}


def find_country(text: str) -> str | None:
    """Return the two-letter code for a code of two or three letters.

    Args:
        text: A country code in any case; `UK` and `EL` are read as `GB` and `GR`.

    Returns:
        The code in upper case, or None for anything else.
    """
    if not text.isascii():
        return None
    code = text.upper()
    return code if code in _ALPHA_2 else _ALIASES.get(code)


def country(kind: str, field: str, text: str) -> str:
    """Return the two-letter code, or refuse the text.

    Args:
        kind: The kind that is being normalised, for the error.
        field: The field that is being read, for the error.
        text: A country code of two or three letters.

    Returns:
        The code in upper case.

    Raises:
        NormalisationError: It is not a country code.
    """
    code = find_country(text)
    if code is None:
        raise NormalisationError(kind, field, Reason.UNKNOWN_COUNTRY)
    return code


def single_country(kind: str, given: str | None, region: str | None) -> str:
    """Return the country that a value names, else the region it was seen in.

    Args:
        kind: The kind that is being normalised, for the error.
        given: The value's own country, if it has one.
        region: The region it was seen in, if known.

    Returns:
        A two-letter code.

    Raises:
        NormalisationError: There is neither, or what was given is not a country code.
    """
    if given is not None:
        return country(kind, "country", given)
    if region is None:
        raise NormalisationError(kind, "country", Reason.COUNTRY_NEEDED)
    return region
