"""What a user may rely on, sentence by sentence, and the tests that fail where it does not hold any more.

Whoever adds a sentence to the README's part about what leaves the machine adds a row here.
"""

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent

HELD_BY: Mapping[str, tuple[str, ...]] = {
    # Settings.
    "Settings come in layers, and the later one wins.": (
        "project/test_settings.py::test_later_layers_win",
        "project/test_settings.py::test_a_wrong_value_is_told_and_the_layer_below_stays",
    ),
    "A workspace's file sets no address, key, key command, header, proxy, certificate, checker or limit.": (
        "project/test_settings_files.py::test_a_workspace_may_not_set",
        "project/test_settings_files.py::test_every_setting_is_either_forbidden_or_harmless",
        "trust/test_sent.py::test_a_workspace_leads_the_key_nowhere",
    ),
    "It takes nothing away from what the user keeps back.": (
        "project/test_settings_files.py::test_a_workspace_takes_nothing_away_from_what_its_user_keeps_back",
    ),
    "It raises no budget and makes nothing louder.": (
        "project/test_settings_files.py::test_a_workspace_may_only_go_the_harmless_way",
        "trust/test_sent.py::test_a_workspace_leads_the_key_nowhere",
    ),
    "Trying is reported.": (
        "project/test_settings_files.py::test_a_workspace_may_not_set",
        "cli/test_doctor.py::test_a_bad_setting_is_a_note",
    ),
    "A settings file of a workspace is not followed where it is a link.": (
        "project/test_settings_files.py::test_a_link_in_a_workspace_is_not_obeyed",
    ),
    # Reviews.
    "For a review of what is not committed git is asked, and no program that a repository names is run.": (
        "project/test_committed.py::test_nothing_of_the_repository_s_is_run",
        "server/test_review.py::test_only_what_is_not_committed",
    ),
    "A review on save is only ever turned on by the user, and leaves ignored files alone.": (
        "server/test_review_on_save.py::test_a_workspace_cannot_turn_it_on",
        "server/test_review_on_save.py::test_an_ignored_file_is_left_alone_without_a_word",
    ),
    "Of what was dismissed only a hash is kept.": ("kimi/test_dismissed.py::test_only_a_hash_is_kept",),
    # The key.
    "The key comes from the environment, else a command, else the keyring.": (
        "kimi/test_credentials.py::test_the_environment_comes_before_the_command",
        "kimi/test_credentials.py::test_the_keyring_comes_last",
        "trust/test_own_programs.py::test_a_key_command_is_not_run_where_the_environment_has_a_key",
    ),
    "A workspace puts no program in the key command's place.": (
        "trust/test_own_programs.py::test_a_key_command_is_not_looked_for_where_the_editor_happens_to_be",
        "trust/test_own_programs.py::test_a_key_command_needs_a_full_path_or_a_name",
    ),
    "A workspace puts no module in a library's place.": (
        "trust/test_own_programs.py::test_modules_of_the_workspace_are_not_imported",
    ),
    "The key shows itself in no repr, and is not copied.": (
        "kimi/test_secrecy.py::test_a_key_does_not_show_itself",
        "kimi/test_secrecy.py::test_a_key_is_not_copied_or_stored",
    ),
    "It is in no error, nor in what an error hangs on.": (
        "kimi/test_secrecy.py::test_no_failure_shows_the_key",
        "kimi/test_credentials.py::test_no_text_keeps_the_key",
        "kimi/test_verdict.py::test_a_key_cut_in_two_by_a_control_character_is_hidden_all_the_same",
    ),
    "It is in no log, no ledger, no other file, and in nothing that the editor is sent.": (
        "kimi/test_secrecy.py::test_no_log_of_a_good_answer_shows_the_key",
        "test_connect.py::test_the_key_is_nowhere_in_the_state",
        "trust/test_nothing_else.py::test_the_key_is_in_no_file_and_in_nothing_that_the_editor_gets",
    ),
    "No child process gets it, neither in its environment nor in its arguments.": (
        "project/test_checkers_look.py::test_the_key_reaches_no_tool",
        "project/test_checkers_program.py::test_a_child_gets_neither_our_key_nor_the_workspace_on_its_path",
        "trust/test_nothing_else.py::test_it_runs_the_checker_only_and_without_the_key",
        "trust/test_own_programs.py::test_a_key_command_gets_no_key_of_the_environment",
        "trust/test_nothing_else.py::test_no_option_takes_a_key",
    ),
    "It is in one header of a request, and in nothing else of it.": (
        "kimi/test_secrecy.py::test_the_key_is_in_one_header_of_the_request",
        "trust/test_nothing_else.py::test_every_request_had_the_key_in_its_header_alone",
    ),
    "It is sent to the configured origin only.": (
        "kimi/test_secrecy.py::test_another_origin_does_not_get_the_key",
        "trust/test_nothing_else.py::test_it_connects_to_the_configured_origin_only",
    ),
    "An address that cannot be used leads nowhere, not to the one that it was named instead of.": (
        "project/test_settings.py::test_a_base_url_that_does_not",
        "test_connect.py::test_without_a_usable_address_there_is_no_model",
        "trust/test_sent.py::test_an_address_that_is_not_usable_leads_nowhere",
    ),
    "A limit that cannot be read is not taken for none: nothing is sent.": (
        "project/test_settings.py::test_a_limit_that_cannot_be_read_is_not_taken_for_none",
        "project/test_settings.py::test_a_workspace_does_not_mend_what_its_user_wrote",
        "project/test_settings_files.py::test_a_users_file_that_cannot_be_read_limits_nothing_so_nothing_is_sent",
        "test_connect.py::test_with_a_limit_that_cannot_be_read_there_is_no_model",
        "trust/test_sent.py::test_a_limit_that_cannot_be_read_lets_nothing_out",
    ),
    "It travels over https, or over http to this machine.": (
        "project/test_settings.py::test_a_base_url_that_does_not",
        "kimi/test_config.py::test_an_address_that_is_refused",
    ),
    "A redirect does not carry it.": (
        "kimi/test_secrecy.py::test_a_redirect_is_not_followed",
        "trust/test_sent.py::test_a_redirect_leads_the_key_nowhere",
    ),
    "A proxy does not see it, and none stands before this machine.": (
        "kimi/test_settings.py::test_a_proxy_does_not_see_the_key",
        "kimi/test_settings.py::test_this_machine_takes_no_proxy",
        "trust/test_doctor_network.py::test_a_proxy_leads_to_the_service_and_does_not_see_the_key",
    ),
    "Who answers is verified; whom to trust is the user's word, else the system's.": (
        "kimi/test_transport.py::test_an_unknown_certificate_is_not_trusted",
        "trust/test_doctor_network.py::test_a_certificate_that_does_not_hold_is_said",
        "trust/test_doctor_network.py::test_a_company_s_authority_is_trusted_where_the_user_says_so",
        "trust/test_doctor_network.py::test_the_setting_is_stronger_than_the_environment",
    ),
    # What is sent.
    "The model is called when the user asks, never before.": (
        "server/test_code_action.py::test_nothing_is_preferred_resolved_or_sent",
        "server/test_unbreakable.py::test_nothing_but_a_command_asks_the_model",
    ),
    "Ignored files are not sent, the open one included.": (
        "trust/test_sent.py::test_a_file_that_is_kept_back_is_sent_by_no_command",
        "project/test_ignore.py::test_any_rules_are_read_as_git_reads_them",
        "project/test_ignore.py::test_a_link_is_judged_by_both_names",
        "project/test_ignore.py::test_a_file_is_judged_by_the_name_that_its_folder_gives_it",
        "project/test_ignore.py::test_an_unreadable_ignore_file_withholds",
        "project/test_media.py::test_ignored_pictures_are_withheld",
    ),
    "Files that hold keys and secrets by their names are never sent.": (
        "project/test_ignore.py::test_some_names_are_never_sent",
        "trust/test_sent.py::test_a_file_that_is_kept_back_is_sent_by_no_command",
    ),
    "Secrets are replaced in the file, the instruction, the problems and what tools read, and come back.": (
        "trust/test_sent.py::test_no_secret_is_sent_and_the_answer_has_them_back",
        "prompt/test_build.py::test_secrets_are_hidden_in_every_section",
        "prompt/test_build.py::test_a_repair_keeps_the_models_turn_and_hides_secrets",
        "prompt/test_secrets.py::test_a_secret_is_seen",
        "features/test_looking.py::test_an_explanation_tells_what_was_read_with_its_secrets",
        "features/test_tools.py::test_a_secret_cannot_be_guessed_by_searching",
        "features/test_tools.py::test_diagnostics",
    ),
    "What goes along with a file is what it uses and may be shown, in the widths that the user wants.": (
        "trust/test_around.py::test_only_what_is_used_and_may_be_shown_goes_along",
        "trust/test_around.py::test_who_wants_less_shown_has_less_shown",
        "trust/test_around.py::test_a_file_in_no_folder_of_the_workspace_goes_alone",
        "trust/test_around.py::test_callers_and_tabs_are_shown_to_who_asked",
        "trust/test_around.py::test_a_problem_s_explanation_leads_nowhere_else",
    ),
    "kimi.showRequest shows exactly what would be sent, and sends nothing.": (
        "server/test_show_request.py::test_what_is_shown_is_what_is_sent",
        "trust/test_around.py::test_what_goes_along_is_what_is_shown",
    ),
    # What the model may do.
    "Edits of files stay inside the workspace, and no link leads them out.": (
        "features/test_file_changes.py::test_what_the_disk_forbids_is_refused",
        "project/test_files.py::test_no_accepted_path_leads_out_of_the_root",
        "project/test_files.py::test_a_place_that_is_outside_or_no_place_is_refused",
        "edits/test_paths.py::test_no_accepted_path_leaves_the_root",
        "edits/test_paths.py::test_a_path_that_is_not_accepted_says_why",
        "server/test_files_end_to_end.py::test_what_may_not_be_is_refused_and_nothing_is_asked_of_the_editor",
    ),
    "A file that steers tools is touched only with the user's word.": (
        "features/test_file_changes.py::test_the_files_of_tools_are_never_touched_without_a_word",
        "features/test_file_changes.py::test_a_link_to_a_folder_of_tools_does_not_hide_it",
        "server/test_apply_files.py::test_doubts_are_asked_about_whatever_the_settings_say",
        "cli/test_terminal_files.py::test_what_needs_a_word_needs_force",
    ),
    "The model's tools read and never write or run.": (
        "trust/test_strangers_text.py::test_a_model_that_obeys_a_file_reads_nothing_more",
        "trust/test_strangers_text.py::test_what_is_offered_stays_what_it_was",
        "trust/test_nothing_else.py::test_it_writes_its_own_files_only",
    ),
    "They see plain files of the workspace that are not ignored: no way up, no link out, no other spelling, no pipe.": (
        "features/test_tools.py::test_no_tool_reads_what_it_may_not",
        "project/test_workspace.py::test_what_is_withheld_is_said",
        "project/test_workspace.py::test_nothing_outside_and_nothing_ignored_is_ever_read",
        "project/test_workspace.py::test_a_name_must_be_spelled_as_the_folder_spells_it",
        "project/test_workspace.py::test_an_open_document_is_withheld_like_any_other",
        "project/test_walk.py::test_no_folder_shows_what_lies_outside_or_is_ignored",
        "project/test_walk.py::test_a_pipe_does_not_hang_it",
        "project/test_files.py::test_a_pipe_does_not_block",
        "project/test_files.py::test_what_cannot_be_read_says_why",
    ),
    "Text in a file or in what a tool read widens none of this.": (
        "trust/test_strangers_text.py::test_a_model_that_obeys_a_file_reads_nothing_more",
        "trust/test_strangers_text.py::test_a_model_that_obeys_a_file_changes_nothing_else",
        "trust/test_strangers_text.py::test_text_cannot_end_its_own_section",
        "trust/test_around.py::test_orders_in_other_files_are_material",
        "features/test_tools.py::test_what_a_file_says_opens_nothing",
    ),
    "A tool inside the workspace is not run.": (
        "project/test_checkers_look.py::test_a_tool_inside_the_workspace_is_not_run",
    ),
    "Git is asked, and nothing that the repository names is run or fetched.": (
        "project/test_staged.py::test_no_program_that_the_repository_names_is_started",
        "project/test_committed.py::test_nothing_of_the_repository_s_is_run",
        "project/test_committed.py::test_what_a_partial_clone_lacks_is_not_fetched",
    ),
    "Of what is staged, ignored files and secrets are left out.": (
        "project/test_staged.py::test_what_may_not_be_sent_is_left_out",
        "prompt/test_commit.py::test_secrets_are_hidden",
        "server/test_commit_message.py::test_the_message_is_in_the_answer_and_what_is_sent_was_shown",
    ),
    "Pictures come from inside the workspace only, and are what their names say.": (
        "project/test_media.py::test_outside_of_the_roots_nothing_is_read",
        "project/test_media.py::test_links_are_followed_within_the_roots_only",
        "project/test_media.py::test_what_is_no_regular_file_is_not_opened",
        "project/test_media.py::test_a_pipe_is_not_opened",
        "project/test_media.py::test_a_name_that_lies_is_refused",
    ),
    "A budget refuses before anything is sent, requests of other editors included.": (
        "kimi/test_metered.py::test_a_budget_refuses_before_anything_is_sent",
        "kimi/test_metered.py::test_two_at_once_do_not_both_slip_under_a_budget",
        "kimi/test_metered.py::test_a_budget_that_cannot_be_checked_refuses",
    ),
    "What the model says steers neither terminal nor editor, and fetches nothing by being shown.": (
        "text/test_harmless.py::test_nothing_that_steers_is_left",
        "text/test_harmless.py::test_a_link_runs_nothing",
        "text/test_harmless.py::test_no_picture_is_fetched",
        "trust/test_shown.py::test_a_summary_is_only_words",
        "trust/test_shown.py::test_a_detached_editor_s_message_is_only_words",
        "trust/test_shown.py::test_a_refusal_that_quotes_the_model_is_only_words",
        "trust/test_shown.py::test_a_question_is_only_words",
        "trust/test_shown.py::test_a_question_about_a_problem_is_only_words",
        "trust/test_shown.py::test_an_explanation_fetches_and_runs_nothing",
        "trust/test_shown.py::test_a_commit_message_that_ends_its_fence_runs_nothing",
        "trust/test_shown.py::test_a_remark_on_a_workspace_s_settings_is_only_words",
        "trust/test_shown.py::test_a_menu_is_only_words",
        "trust/test_shown.py::test_a_label_is_only_words",
        "trust/test_shown.py::test_progress_is_only_words",
        "trust/test_shown.py::test_the_table_of_a_shown_request_is_only_words",
        "trust/test_shown.py::test_a_terminal_is_not_steered",
        "cli/test_doctor.py::test_a_service_cannot_steer_the_terminal",
        "cli/test_doctor.py::test_a_setting_cannot_steer_the_terminal",
    ),
    # What is left behind.
    "The log rotates, and holds no key and no document.": (
        "project/test_log.py::test_the_file_rotates",
        "trust/test_log_words.py::test_no_words_of_an_exception_or_of_a_library",
        "trust/test_log_words.py::test_a_record_is_one_line_and_steers_no_terminal",
        "trust/test_nothing_else.py::test_no_document_is_in_the_log_or_in_the_books",
    ),
    "The books and explanations can be read by their owner only.": (
        "kimi/test_state.py::test_the_folder_and_its_files_are_the_users_alone",
        "project/test_files.py::test_an_explanation_is_its_owner_s",
    ),
    "No telemetry: nothing else is connected to, run, or written.": (
        "trust/test_nothing_else.py::test_it_connects_to_the_configured_origin_only",
        "trust/test_nothing_else.py::test_it_runs_the_checker_only_and_without_the_key",
        "trust/test_nothing_else.py::test_it_writes_its_own_files_only",
    ),
    # Being told.
    "Trouble with TLS or a proxy is one sentence with a way out.": (
        "trust/test_doctor_network.py::test_a_certificate_that_does_not_hold_is_said",
        "trust/test_doctor_network.py::test_a_certificate_signed_by_itself_is_said",
        "trust/test_doctor_network.py::test_a_proxy_that_reads_along_needs_its_authority",
        "trust/test_doctor_network.py::test_a_proxy_that_says_no_is_said",
        "trust/test_doctor_network.py::test_a_proxy_that_is_not_there_is_said",
    ),
}


@pytest.mark.parametrize("sentence", HELD_BY)
def test_a_sentence_is_held_by_tests_that_are_there(sentence: str) -> None:
    assert HELD_BY[sentence]
    for test in HELD_BY[sentence]:
        file, _, name = test.partition("::")
        assert name in _tests(file), test


def test_every_test_of_this_folder_holds_a_sentence() -> None:
    named = {test.partition("::")[2] for tests in HELD_BY.values() for test in tests}
    rather_about_doctor = {"test_doctor_network.py", Path(__file__).name}
    here = [file for file in Path(__file__).parent.glob("test_*.py") if file.name not in rather_about_doctor]
    assert here
    beside = {"test_where_an_exception_happened_is_told"}
    assert {name for file in here for name in _tests(f"trust/{file.name}")} - beside <= named


@cache
def _tests(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return frozenset(node.name for node in functions if node.name.startswith("test_"))
