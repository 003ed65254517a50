"""Columns of the three RIF files that no rule needs, as name patterns: known by name, so that a new one is noticed."""

from __future__ import annotations

KNOWN_UNUSED = tuple(
    r"""
    admtg_dgns_cd admtg_dgns_vrsn_cd at_physn_npi at_physn_upin bene_lrd_used_cnt bene_tot_coinsrnc_days_cnt
    betos_cd carr_clm_cash_ddctbl_apld_amt carr_clm_cntl_num carr_clm_entry_cd carr_clm_hcpcs_yr_cd
    carr_clm_prmry_pyr_pd_amt carr_clm_prvdr_asgnmt_ind_sw carr_clm_rfrng_pin_num carr_line_ansthsa_unit_cnt
    carr_line_clia_lab_num carr_line_mtus_cnt carr_line_prcng_lclty_cd carr_line_prvdr_type_cd
    carr_line_rdcd_pmt_phys_astn_c carr_line_rx_num carr_num carr_prfrng_pin_num claim_query_code
    clm_admsn_dt clm_clncl_tril_num clm_disp_cd clm_drg_outlier_stay_cd clm_e_poa_ind_sw\d+ clm_grp_id
    clm_ip_admsn_type_cd clm_mco_pd_sw clm_non_utlztn_days_cnt clm_op_bene_pmt_amt clm_op_prvdr_pmt_amt
    clm_pass_thru_per_diem_amt clm_pmt_amt clm_poa_ind_sw\d+ clm_pps_cptl_drg_wt_num
    clm_pps_cptl_dsprprtnt_shr_amt clm_pps_cptl_excptn_amt clm_pps_cptl_fsp_amt clm_pps_cptl_ime_amt
    clm_pps_cptl_outlier_amt clm_pps_ind_cd clm_pps_old_cptl_hld_hrmls_amt clm_src_ip_admsn_cd
    clm_tot_chrg_amt clm_tot_pps_cptl_amt clm_uncompd_care_pmt_amt clm_utlztn_day_cnt dsh_op_clm_val_amt
    fi_clm_actn_cd fi_clm_proc_dt fi_doc_clm_cntl_num fi_num fi_orig_clm_cntl_num fst_dgns_e_cd
    fst_dgns_e_vrsn_cd hpsa_scrcty_ind_cd icd_dgns_e_cd\d+ icd_dgns_e_vrsn_cd\d+ icd_dgns_vrsn_cd\d+
    icd_prcdr_vrsn_cd\d+ ime_op_clm_val_amt line_bene_pmt_amt line_bene_prmry_pyr_cd
    line_bene_prmry_pyr_pd_amt line_bene_ptb_ddctbl_amt line_cms_type_srvc_cd line_coinsrnc_amt
    line_hct_hgb_rslt_num line_hct_hgb_type_cd line_icd_dgns_vrsn_cd line_ndc_cd line_pmt_80_100_cd
    line_prvdr_pmt_amt line_service_deductible nch_actv_or_cvrd_lvl_care_thru nch_bene_blood_ddctbl_lblty_am
    nch_bene_dschrg_dt nch_bene_ip_ddctbl_amt nch_bene_mdcr_bnfts_exhtd_dt_i nch_bene_pta_coinsrnc_lblty_am
    nch_bene_ptb_coinsrnc_amt nch_bene_ptb_ddctbl_amt nch_blood_pnts_frnshd_qty nch_carr_clm_alowd_amt
    nch_carr_clm_sbmtd_chrg_amt nch_clm_bene_pmt_amt nch_clm_prvdr_pmt_amt nch_clm_type_cd
    nch_drg_outlier_aprvd_pmt_amt nch_ip_ncvrd_chrg_amt nch_ip_tot_ddctn_amt nch_near_line_rec_ident_cd
    nch_prmry_pyr_cd nch_prmry_pyr_clm_pd_amt nch_profnl_cmpnt_chrg_amt nch_ptnt_status_ind_cd
    nch_vrfd_ncvrd_stay_from_dt nch_vrfd_ncvrd_stay_thru_dt op_physn_upin ot_physn_npi ot_physn_upin
    prcdr_dt\d+ prf_physn_upin prtcptng_ind_cd prvdr_num prvdr_spclty prvdr_state_cd prvdr_zip
    ptnt_dschrg_stus_cd rev_cntr_1st_ansi_cd rev_cntr_1st_msp_pd_amt rev_cntr_2nd_ansi_cd
    rev_cntr_2nd_msp_pd_amt rev_cntr_3rd_ansi_cd rev_cntr_4th_ansi_cd rev_cntr_apc_hipps_cd
    rev_cntr_bene_pmt_amt rev_cntr_blood_ddctbl_amt rev_cntr_cash_ddctbl_amt rev_cntr_coinsrnc_wge_adjstd_c
    rev_cntr_ddctbl_coinsrnc_cd rev_cntr_dscnt_ind_cd rev_cntr_ide_ndc_upc_num rev_cntr_ncvrd_chrg_amt
    rev_cntr_ndc_qty rev_cntr_ndc_qty_qlfr_cd rev_cntr_otaf_pmt_cd rev_cntr_packg_ind_cd
    rev_cntr_pmt_mthd_ind_cd rev_cntr_prvdr_pmt_amt rev_cntr_ptnt_rspnsblty_pmt rev_cntr_rate_amt
    rev_cntr_rdcd_coinsrnc_amt rev_cntr_stus_ind_cd rfr_physn_upin rndrng_physn_upin rsn_visit_cd\d+
    rsn_visit_vrsn_cd\d+ tax_num
    """.split()
)
