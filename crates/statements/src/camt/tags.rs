//! The elements that are read, of all that ISO 20022 has.

/// In the order of their bytes.
const TAGS: &[&str] = &[
    "Acct",
    "AcctSvcrRef",
    "AddtlInf",
    "AddtlNtfctnInf",
    "AddtlNtryInf",
    "AddtlRmtInf",
    "AddtlRptInf",
    "AddtlStmtInf",
    "AddtlTxInf",
    "Amt",
    "AmtDtls",
    "Bal",
    "BkToCstmrAcctRpt",
    "BkToCstmrDbtCdtNtfctn",
    "BkToCstmrStmt",
    "BkTxCd",
    "BookgDt",
    "Btch",
    "Ccy",
    "Cd",
    "CdOrPrtry",
    "CdtDbtInd",
    "Cdtr",
    "CdtrRefInf",
    "ChqNb",
    "ClrSysRef",
    "CpyDplctInd",
    "CreDtTm",
    "Dbtr",
    "Document",
    "Domn",
    "Dt",
    "DtTm",
    "ElctrncSeqNb",
    "EndToEndId",
    "Fmly",
    "FrDt",
    "FrDtTm",
    "FrToDt",
    "GrpHdr",
    "IBAN",
    "Id",
    "InstrId",
    "Issr",
    "LastPgInd",
    "MndtId",
    "MsgId",
    "MsgPgntn",
    "Nb",
    "NbOfNtries",
    "NbOfTxs",
    "Nm",
    "Ntfctn",
    "NtfctnPgntn",
    "Ntry",
    "NtryDtls",
    "NtryRef",
    "Othr",
    "PgNb",
    "PmtInfId",
    "Prtry",
    "Pty",
    "Ref",
    "Refs",
    "RfrdDocInf",
    "RltdPties",
    "RmtInf",
    "Rpt",
    "RptPgntn",
    "Rsn",
    "RtrInf",
    "RvslInd",
    "Stmt",
    "StmtPgntn",
    "Strd",
    "Sts",
    "SubFmlyCd",
    "SubTp",
    "Sum",
    "ToDt",
    "ToDtTm",
    "Tp",
    "TtlAmt",
    "TtlCdtNtries",
    "TtlDbtNtries",
    "TtlNtries",
    "TxAmt",
    "TxDtls",
    "TxId",
    "TxsSummry",
    "UETR",
    "Ustrd",
    "ValDt",
];

/// The element of that name; an empty one where it is not read.
pub(super) fn known(name: &[u8]) -> &'static str {
    let found = TAGS.binary_search_by(|tag| tag.as_bytes().cmp(name)).ok();
    found.and_then(|at| TAGS.get(at)).copied().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_stand_in_order() {
        assert!(TAGS.is_sorted());
        assert!(TAGS.iter().all(|tag| known(tag.as_bytes()) == *tag));
    }

    #[test]
    fn an_element_is_known_by_its_whole_name() {
        assert_eq!((known(b"Ntry"), known(b"NtryX"), known(b"SplmtryData")), ("Ntry", "", ""));
    }
}
